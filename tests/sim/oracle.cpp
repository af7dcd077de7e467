#include "sim/oracle.h"

#include "core/context.h"
#include "sim/world.h"

#include <algorithm>

namespace bud::sim {
namespace {

bool contains(ByteView where, std::string_view what) {
  return as_text(where).find(what) != std::string_view::npos;
}

// The account of a record whose ledger claims the address that it is served at.
std::optional<AccountId> claimant(const Bytes& bytes, const std::string& address) {
  const auto record = wire::decode_and_verify_record(bytes);
  if (!record) return std::nullopt;
  const BlindedAddress blinded = wire::blind(record->body.opening, address);
  const bool claimed = std::any_of(record->entries.begin(), record->entries.end(), [&](const wire::Entry& e) {
    return e.body().kind == wire::EntryKind::claim && e.body().blinded == blinded;
  });
  return claimed ? std::optional(record->body.account) : std::nullopt;
}

}  // namespace

Device* Oracle::find(const DeviceId& id) {
  for (auto& device : world_.devices)
    if (device->id == id) return device.get();
  return nullptr;
}

Said& Oracle::typed(Device& by, const AccountId& contact) {
  said_.push_back({});
  Said& said = said_.back();
  said.text = std::string(mark) + std::to_string(said_.size());
  said.by = by.index;
  said.author = by.account;
  said.contact = contact;
  said.order = ++world_.order;
  said.must = listed(by, said);
  said.knew_nobody = listed(by, contact).empty();
  by_text_[said.text] = &said;
  return said;
}

void Oracle::sent(Said& said, Device& by, const MessageId& id) {
  if (said.id != MessageId{}) return;
  said.id = id;
  // The store may have had it since the first try: who came in between need not have it, nor who went.
  const std::set<DeviceId> now = listed(by, said);
  std::erase_if(said.must, [&](const DeviceId& d) { return !now.contains(d); });
  auto message = by.see([&](auto& e) { return e.message(id); });
  if (!message) return;
  for (const DeviceId& d : said.must)
    if (d != by.id && std::none_of(message->deliveries.begin(), message->deliveries.end(), [&](const auto& c) { return c.device == d; }))
      return world_.violated(by, "has sent " + said.text + " without a copy for each device that it lists");
}

std::set<DeviceId> Oracle::listed(Device& by, const AccountId& account) {
  std::set<DeviceId> active;
  for (const core::DeviceInfo& d : by.view_of(account))
    if (d.active) active.insert(d.device);
  return active;
}

std::set<DeviceId> Oracle::listed(Device& by, const Said& said) {
  std::set<DeviceId> active = listed(by, said.author);
  active.merge(listed(by, said.contact));
  return active;
}

// Invariants 3, 5 and 6: for whom a copy is sealed, under which key, and what can be seen of it.
void Oracle::pushes(Device& device, const core::OutboxItem& item) {
  auto copy = wire::decode_copy(item.envelope);
  if (!copy) return world_.violated(device, "pushes something that is no copy");
  const Device* to = world_.recipient_of(*copy);
  if (to == nullptr) return world_.violated(device, "pushes a copy for a device that nobody has");
  const bool joining = to->account == AccountId{} || device.account == AccountId{};
  if (!joining) {
    // (It may have been let in by another device meanwhile, and this one still offers to let it in.)
    const bool active = listed(device, to->account).contains(to->id), offered = offers_to(device, to->id);
    if (!active && !offered && device.running())
      return world_.violated(device, "pushes a copy for " + to->name + ", which is no active device by its own view");
  }
  const wire::Header& h = copy->header;
  std::string key(as_text(h.session.view()));
  key += as_text(h.ratchet.view());
  key += std::to_string(h.number);
  const EnvelopeHash hash = wire::envelope_hash(item.envelope);
  const auto [known, fresh] = keys_[{device.index, device.restored}].try_emplace(std::move(key), hash);
  if (!fresh && known->second != hash) return world_.violated(device, "has sealed two copies under one message key");
  if (contains(item.envelope, mark)) return world_.violated(device, "pushes a text in clear");
}

bool Oracle::offers_to(Device& device, const DeviceId& joiner) {
  const auto requests = device.see([](auto& e) { return e.join_requests(); });
  return requests && std::any_of(requests->begin(), requests->end(), [&](const auto& r) { return r.device == joiner; });
}

void Oracle::delivered(Device& device, std::span<const Bytes> copies) {
  taken_.resize(world_.devices.size());
  for (const Bytes& copy : copies) copies_ += taken_[device.index].insert(wire::envelope_hash(copy)).second;
}

// Invariants 2 (at most once) and 3 (from whom).
void Oracle::shows(Device& device, const core::Event& event) {
  const core::MessageInfo& message = event.message;
  const auto said = by_text_.find(message.text);
  if (said == by_text_.end()) return world_.violated(device, "shows a message that nobody wrote: " + message.text);
  Said& s = *said->second;
  // Told by the device that wrote it, or, where that copy was missing, by another of the same account.
  const auto teller = std::find_if(world_.devices.begin(), world_.devices.end(),
                                   [&](const auto& d) { return d->id == message.author_device && d->account == s.author; });
  if (message.author != s.author || teller == world_.devices.end())
    return world_.violated(device, "shows " + message.text + " as another's");
  if (device.account != s.author && device.account != s.contact)
    return world_.violated(device, "shows " + message.text + ", which is not for it");
  if (s.shown_as == MessageId{}) s.shown_as = message.id;
  if (s.shown_as != message.id) return world_.violated(device, "shows " + message.text + " as two messages");
  if (++device.memory.shown[message.id] > 1) return world_.violated(device, "shows " + message.text + " twice");
  ++shown_;
  if (device.id == message.author_device) return;
  const bool now = listed(device, s.author).contains(message.author_device);
  // Judged before its removal was known here, it may be shown; not what comes after, unless others had it in time, or what
  // the same device said later, and what names it, came in time.
  const auto removed = device.memory.removed.find(message.author_device);
  const bool in_time = std::any_of(world_.devices.begin(), world_.devices.end(), [&](const auto& d) {
    if (d->id == device.id || d->id == message.author_device) return false;
    return d->memory.shown.contains(message.id) || d->see([&](auto& e) { return e.message(message.id); }).has_value();
  });
  const bool named = std::any_of(by_text_.begin(), by_text_.end(), [&](const auto& other) {
    const Said& later = *other.second;
    return later.by == s.by && later.order > s.order && device.memory.shown.contains(later.shown_as);
  });
  if (device.running() && !now && !in_time && !named && removed != device.memory.removed.end() && event.time > removed->second)
    return world_.violated(device, "shows " + message.text + " from a device that is not in its view of the account");
}

// An address leads to whom it led first: where another account alone is served there, its contact is told of.
void Oracle::was_served_another(Device& device, const std::string& address, const Post::Served& served) {
  const auto contacts = device.see([](auto& e) { return e.contacts(); });
  if (!contacts) return;
  std::set<AccountId> there;
  for (const Bytes& bytes : served.records) {
    const auto [known, fresh] = claimants_.try_emplace({address, bytes});
    if (fresh) known->second = claimant(bytes, address);
    if (known->second) there.insert(*known->second);
  }
  if (there.empty()) return;
  for (const core::ContactInfo& contact : *contacts) {
    const bool his = std::find(contact.addresses.begin(), contact.addresses.end(), address) != contact.addresses.end();
    if (!his || there.contains(contact.account)) continue;
    const std::vector<core::Alert> alerts = device.alerts();
    const bool told = std::any_of(alerts.begin(), alerts.end(), [&](const core::Alert& a) {
      return (a.kind == core::AlertKind::contact_reset || a.kind == core::AlertKind::directory_mismatch) &&
             a.account == contact.account;
    });
    if (!told && device.running())
      world_.violated(device, "was served another account at " + address + ", and does not alert");
  }
}

// Invariant 4, of what a directory invents.
void Oracle::was_served(Device& device, const std::string& bridge, const std::string& address, const Post::Served& served) {
  if ((served.lie == Lie::other_account || world_.begun_anew.contains(address)) && device.account != AccountId{} && device.person != address)
    was_served_another(device, bridge + ":" + address, served);
  if (!served.ghost || device.account == AccountId{} || device.person != address) return;
  if (!device.has_alert(core::AlertKind::unlisted_device, *served.ghost) && device.running())
    world_.violated(device, "was served an invented device at its own address, and does not alert");
}

// Invariant 4, of what was really added.
void Oracle::looks_at_views(Device& device) {
  auto info = device.see([](auto& e) { return e.account(); });
  if (!info) return;
  if (info->state != core::AccountState::member && info->state != core::AccountState::removed) return;
  device.account = info->account;
  const bool first = device.memory.known.empty();
  for (const core::DeviceInfo& d : device.view_of(info->account)) {
    if (!device.memory.known.insert(d.device).second || first || d.device == device.id) continue;
    if (find(d.device) == nullptr) world_.violated(device, "has a device in its account that nobody added");
    if (!d.active || sponsors_[d.device].contains(&device)) continue;
    if (!device.has_alert(core::AlertKind::device_added, d.device) && device.running())
      world_.violated(device, "has a new device in its account, and does not alert");
  }
  for (const AccountId& account : world_.accounts()) {
    std::set<DeviceId> active = listed(device, account);
    std::set<DeviceId>& before = device.memory.active[account];
    for (const DeviceId& d : before)
      if (!active.contains(d)) device.memory.removed.try_emplace(d, device.clock.now());
    for (const DeviceId& d : active) device.memory.removed.erase(d);
    before = std::move(active);
  }
}

void Oracle::was_restored(Device& device) {
  for (Said& s : said_) {
    if (s.by != device.index || s.withdrawn) continue;
    // Typed again after a crash, or in the store that was put back: else its sender does not know of it any more.
    if (s.id == MessageId{} || !device.see([&](auto& e) { return e.message(s.id); })) s.withdrawn = true;
  }
}

bool Oracle::exempt(const Said& said, Device& sender, Device& receiver) {
  if (receiver.gone || sender.gone) return true;
  if (receiver.forgotten.contains(said.id)) return true;
  auto lists = [&](Device& by, const AccountId& account, const DeviceId& device) { return listed(by, account).contains(device); };
  // Who was revoked meanwhile gets nothing more, and is not shown any more.
  return !lists(sender, receiver.account, receiver.id) || !lists(receiver, said.author, sender.id) ||
         !lists(sender, said.author, sender.id) || !lists(receiver, receiver.account, receiver.id);
}

// A contact that was written to by another device first is known here by one address, that of its texts' `to_address`: who
// drops that bridge leaves this device with no way to it. (Seed 1419. Until own devices tell each other of contacts.)
bool Oracle::has_no_way(const Said& said, Device& sender, Device& receiver) {
  if (receiver.account != said.contact) return false;
  const auto contacts = sender.see([](auto& e) { return e.contacts(); });
  if (!contacts) return false;
  const std::set<std::string> bridges = sender.bridges();
  const auto lost = [&](const std::string& address) {
    const auto split = core::split_address(address);
    return split && !bridges.contains(split->bridge);
  };
  return std::any_of(contacts->begin(), contacts->end(), [&](const core::ContactInfo& c) {
    return c.account == said.contact && !c.addresses.empty() && std::all_of(c.addresses.begin(), c.addresses.end(), lost);
  });
}

// In words, what the sender says has become of the copy for this device.
std::string Oracle::copy_state(const Said& said, Device& sender, const DeviceId& to) {
  static constexpr const char* states[] = {"waits", "is queued", "is pushed", "is delivered", "is dropped"};
  auto message = sender.see([&](auto& e) { return e.message(said.id); });
  if (!message) return "the message is not in its sender's store";
  for (const core::DeliveryInfo& d : message->deliveries)
    if (d.device == to) return std::string("its copy ") + states[static_cast<std::size_t>(d.state) - 1];
  return "no copy was made for it";
}

// Those that the sender has come to know since are not in `must`.
std::string Oracle::reaches_nobody(const Said& said, Device& sender) {
  if (!said.knew_nobody) return {};
  const std::set<DeviceId> now = listed(sender, said.contact);
  bool any = false;
  for (auto& device : world_.devices) {
    if (device->account != said.contact) continue;
    if (device->memory.shown.contains(said.id) || device->forgotten.contains(said.id)) return {};
    any = any || (now.contains(device->id) && !exempt(said, sender, *device));
  }
  return any ? said.text + " from " + sender.name + " is shown on no device of its contact" : std::string();
}

std::string Oracle::outstanding() {
  for (Said& said : said_) {
    Device& sender = *world_.devices[said.by];
    if (said.withdrawn || sender.gone) continue;
    if (said.id == MessageId{}) return said.text + " was never sent";
    for (const DeviceId& id : said.must) {
      Device* receiver = find(id);
      if (receiver == nullptr || exempt(said, sender, *receiver)) continue;
      if (!receiver->memory.shown.contains(said.id) && !has_no_way(said, sender, *receiver))
        return said.text + " from " + sender.name + " is not shown on " + receiver->name + "; " + copy_state(said, sender, id);
    }
    if (const std::string nobody = reaches_nobody(said, sender); !nobody.empty()) return nobody;
    auto message = sender.see([&](auto& e) { return e.message(said.id); });
    if (!message) return said.text + " is not in its sender's store: " + message.error().text;
    for (const core::DeliveryInfo& d : message->deliveries) {
      Device* receiver = find(d.device);
      if (receiver == nullptr || exempt(said, sender, *receiver) || d.state == core::DeliveryState::delivered ||
          has_no_way(said, sender, *receiver))
        continue;
      return said.text + " of " + sender.name + " has no receipt from " + receiver->name + ": " + copy_state(said, sender, d.device);
    }
  }
  return {};
}

void Oracle::compare_threads() {
  for (auto& device : world_.devices) {
    if (device->gone || !device->running()) continue;
    auto threads = device->see([](auto& e) { return e.threads(); });
    if (!threads) continue;
    for (const core::ThreadInfo& thread : *threads) {
      auto messages = device->see([&](auto& e) { return e.messages(thread.thread, 0, 100'000); });
      if (!messages) continue;
      std::vector<std::tuple<std::uint64_t, AccountId, MessageId>> places;
      for (const core::MessageInfo& m : *messages) places.push_back({m.lamport, m.author, m.id});
      if (!std::is_sorted(places.rbegin(), places.rend())) world_.violated(*device, "shows a thread out of order");
      std::set<std::tuple<std::uint64_t, AccountId, MessageId>> once(places.begin(), places.end());
      if (once.size() != places.size()) world_.violated(*device, "has a message twice in a thread");
    }
  }
}

void Oracle::search_disks() {
  for (auto& device : world_.devices) {
    const Bytes visible = device->disk.medium().visible();
    for (const std::string& secret : {std::string(mark), std::string("Name of "), "spool:" + device->person, device->name})
      if (contains(visible, secret)) world_.violated(*device, "has " + secret + " in clear in its store");
  }
}

}  // namespace bud::sim
