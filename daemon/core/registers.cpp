#include "core/registers.h"

#include "base/text.h"
#include "core/receipts.h"
#include "wire/labels.h"

namespace bud::core {
namespace {

using wire::Register;
using wire::RegisterKind;

constexpr std::uint64_t max_lamport = std::uint64_t{1} << 62;
constexpr std::size_t sync_room = 40 * 1024;  // of registers in one content
constexpr std::size_t most_in_sync = 1024;
constexpr Duration first_pause = minutes(1);
constexpr Duration last_pause = days(1);

// A kind's form, and how many of it are kept. Those of kinds that are not known share one pool, which has number 0.
// What has not its kind's form is nobody's: all devices leave it out alike.
struct Form {
  std::size_t limit;
  std::size_t subject_least, subject_most, value_most;
  bool text = false;  // the value
};
constexpr Form forms[] = {
    {512, 0, wire::max_register_subject, wire::max_register_value},
    {4096, 32, 32, 64},                             // read_up_to
    {1024, 32, 32, 8},                              // mute
    {256, 32, 32, 1},                               // pin
    {2048, 32, 32, 1},                              // archive
    {512, 32, 32, wire::max_register_value, true},  // draft
    {1024, 32, 32, 1},                              // blocked
    {2048, 32, 32, wire::max_name, true},           // contact_name
    {2048, 32, 32, 1},                              // verified
    {2048, 32, 32, 1},                              // accepted
    {256, 1, 64, wire::max_register_value},         // setting
    {512, 32, 32, 8},                               // alert_answered
};

std::size_t pool_of(RegisterKind kind) {
  const auto number = static_cast<std::size_t>(kind);
  return number < std::size(forms) ? number : 0;
}

bool is_name_byte(std::uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool well_formed(const Register& r) {
  const Form& form = forms[pool_of(r.kind)];
  if (r.kind == RegisterKind::setting && !std::all_of(r.subject.begin(), r.subject.end(), is_name_byte)) return false;
  if (form.text && !valid_text(as_text(r.value))) return false;
  return static_cast<std::uint8_t>(r.kind) != 0 && r.subject.size() >= form.subject_least &&
         r.subject.size() <= form.subject_most && r.value.size() <= form.value_most;
}

bool stands_before(const Register& a, const Register& b) {
  return std::tie(a.lamport, a.device, a.value) < std::tie(b.lamport, b.device, b.value);
}

// Which of a kind go where there are too many: a total order that a register only rises in, so that whoever has seen
// the same registers, in whatever order, keeps the same ones.
bool goes_before(const Register& a, const Register& b) {
  return std::tie(a.lamport, a.device, a.kind, a.subject, a.value) <
         std::tie(b.lamport, b.device, b.kind, b.subject, b.value);
}

Bytes encoded(const Register& r) {
  wire::Writer w;
  RegisterRow{r}.write(w);
  return w.take();
}

// The digest is the sum of all rows' hashes, as numbers of 256 bits: the same in any order, and kept up row by row.
wire::RegistersDigest hash_of(const Register& r) {
  return crypto::hash<wire::RegistersDigest>(wire::label::register_row, encoded(r));
}
void add(wire::RegistersDigest& sum, const wire::RegistersDigest& n) {
  unsigned carry = 0;
  for (std::size_t i = sum.bytes.size(); i-- > 0;) {
    carry += unsigned{sum.bytes[i]} + n.bytes[i];
    sum.bytes[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
}
void subtract(wire::RegistersDigest& sum, wire::RegistersDigest n) {
  for (std::uint8_t& byte : n.bytes) byte = static_cast<std::uint8_t>(~byte);
  add(sum, n);
  wire::RegistersDigest one;
  one.bytes.back() = 1;
  add(sum, one);
}

const RowKey all_key = key::meta("registers");

// One that is damaged is not there: another device has it still.
Result<std::optional<Register>> find(Context& context, RegisterKind kind, ByteView subject) {
  Result<std::optional<RegisterRow>> row =
      load<RegisterRow>(context.db(), Table::registers, key::a_register(kind, subject));
  if (!row && row.error().code != Errc::damaged) return forward(row);
  return row && *row ? std::optional<Register>(std::move((*row)->value)) : std::nullopt;
}

}  // namespace

struct Registers::Batch {
  RegistersRow all;
  std::vector<Register> changed;
  std::set<std::size_t> pools;  // that it has touched
};

Result<RegistersRow> Registers::load_all() {
  BUD_TRY(RegistersRow all, load_or_new<RegistersRow>(context_.db(), Table::meta, all_key));
  all.counts.resize(std::max(all.counts.size(), std::size(forms)));
  return all;
}

// A row that is damaged counts no more, so that the devices differ, and it is healed by them.
Result<> Registers::count_anew(RegistersRow& all) {
  all.digest = {};
  all.counts.assign(std::size(forms), 0);
  return core::each<RegisterRow>(context_.db(), Table::registers, {}, [&](std::uint64_t, RegisterRow& row) {
    add(all.digest, hash_of(row.value));
    ++all.counts[pool_of(row.value.kind)];
    return true;
  });
}

Result<std::vector<Register>> Registers::each(RegisterKind kind) {
  std::vector<Register> found;
  BUD_CHECK(core::each<RegisterRow>(context_.db(), Table::registers, {key::registers(kind), {}, false, SIZE_MAX},
                                    [&](std::uint64_t, RegisterRow& row) {
                                      found.push_back(std::move(row.value));
                                      return true;
                                    }));
  return found;
}

// --- changing ---

// Unless what is here stands.
Result<> Registers::put(Batch& batch, const Register& r) {
  BUD_TRY(const std::optional<Register> before, find(context_, r.kind, r.subject));
  if (before && !stands_before(*before, r)) return {};
  if (before)
    subtract(batch.all.digest, hash_of(*before));
  else
    ++batch.all.counts[pool_of(r.kind)];
  add(batch.all.digest, hash_of(r));
  batch.all.lamport = std::max(batch.all.lamport, r.lamport);
  batch.pools.insert(pool_of(r.kind));
  BUD_CHECK(save(context_.db(), Table::registers, key::a_register(r.kind, r.subject), RegisterRow{r}));
  batch.changed.push_back(r);
  return {};
}

// In the order in which they go.
Result<std::vector<Register>> Registers::of_pool(std::size_t pool) {
  std::vector<Register> found;
  const RowKey prefix = pool == 0 ? RowKey() : key::registers(static_cast<RegisterKind>(pool));
  BUD_CHECK(core::each<RegisterRow>(context_.db(), Table::registers, {prefix, {}, false, SIZE_MAX},
                                    [&](std::uint64_t, RegisterRow& row) {
                                      if (pool_of(row.value.kind) == pool) found.push_back(std::move(row.value));
                                      return true;
                                    }));
  std::sort(found.begin(), found.end(), goes_before);
  return found;
}

Result<> Registers::make_room(Batch& batch) {
  for (const std::size_t pool : batch.pools) {
    std::uint32_t& count = batch.all.counts[pool];
    if (count <= forms[pool].limit) continue;
    BUD_TRY(const std::vector<Register> found, of_pool(pool));
    const std::size_t too_many = found.size() - std::min(found.size(), forms[pool].limit);
    for (std::size_t i = 0; i < too_many; ++i) {
      subtract(batch.all.digest, hash_of(found[i]));
      BUD_CHECK(context_.db().erase(Table::registers, key::a_register(found[i].kind, found[i].subject)));
      std::erase_if(batch.changed,
                    [&](const Register& r) { return r.kind == found[i].kind && r.subject == found[i].subject; });
    }
    count = static_cast<std::uint32_t>(found.size() - too_many);
  }
  return {};
}

Result<> Registers::finish(Batch& batch) {
  BUD_CHECK(make_room(batch));
  return save(context_.db(), Table::meta, all_key, batch.all);
}

// What is set by a person makes nothing go that a person has set, but for what is only remembered for a while.
Result<bool> Registers::room_for(const RegistersRow& all, RegisterKind kind) {
  const std::size_t pool = pool_of(kind);
  if (all.counts[pool] < forms[pool].limit) return true;
  if (kind == RegisterKind::read_up_to || kind == RegisterKind::draft || kind == RegisterKind::alert_answered)
    return true;
  BUD_TRY(const std::vector<Register> found, of_pool(pool));
  return found.empty() || found.front().value.empty();
}

Result<bool> Registers::set(RegisterKind kind, ByteView subject, ByteView value) {
  if (!context_.member()) return fail(Errc::not_allowed, "this device is no member of an account");
  Batch batch;
  BUD_TRY(batch.all, load_all());
  const Register r{kind, Bytes(subject.begin(), subject.end()), batch.all.lamport + 1, context_.keys.device(),
                   Bytes(value.begin(), value.end())};
  if (!well_formed(r)) return fail(Errc::malformed, "that is no value of this setting");
  BUD_TRY(const std::optional<Register> before, find(context_, kind, subject));
  if (before ? before->value == r.value : r.value.empty()) return false;
  if (r.lamport > max_lamport)
    return fail(Errc::not_allowed, "a device of the account has used up the numbers of its settings");
  if (!before) {
    BUD_TRY(const bool room, room_for(batch.all, kind));
    if (!room) return fail(Errc::too_large, "there are too many settings of this kind already");
  }
  BUD_CHECK(put(batch, r));
  BUD_CHECK(finish(batch));
  BUD_TRY(const std::vector<Recipient> devices, fanout_.devices(context_.own.account));
  if (!devices.empty()) BUD_CHECK(control_.send(content_of({batch.all.digest, false, {r}}), devices));
  return true;
}

Result<std::vector<Register>> Registers::receive(const wire::RegisterSync& sync, const DeviceId& from) {
  if (!context_.member()) return std::vector<Register>();
  Batch batch;
  BUD_TRY(batch.all, load_all());
  for (const Register& r : sync.registers)
    if (well_formed(r) && r.lamport <= max_lamport) BUD_CHECK(put(batch, r));
  if (!batch.changed.empty()) BUD_CHECK(finish(batch));
  BUD_CHECK(compare(sync, from, batch.all));
  return std::move(batch.changed);
}

// --- comparing ---

// Everything is sent at once where nothing explains that the two differ; with a pause that doubles, so that two devices
// which never agree, of which one is a thief's, do not talk for ever. Where something does explain it (a copy under
// way, a register that was just set), the digest alone is sent again after it.
Result<> Registers::compare(const wire::RegisterSync& sync, const DeviceId& from, const RegistersRow& all) {
  if (sync.state == wire::RegistersDigest{} && !sync.registers.empty()) return {};  // more is to come
  const RowKey k = key::register_peer(from);
  BUD_TRY(std::optional<RegisterPeerRow> row, load<RegisterPeerRow>(context_.db(), Table::meta, k));
  if (sync.state == all.digest) {
    if (!row || !row->compare) return {};
    row->compare = false;
    return save(context_.db(), Table::meta, k, *row);
  }
  RegisterPeerRow peer = row.value_or(RegisterPeerRow{from, false, {}, {}});
  const Time now = context_.now();
  BUD_TRY(const bool under_way, control_.under_way({context_.own.account, from}));
  const bool at_once = (sync.asks || sync.registers.empty()) && !under_way && now >= peer.due;
  peer.compare = !at_once;
  if (at_once) {
    peer.pause = peer.pause.ms == 0 ? first_pause : std::min(Duration{peer.pause.ms * 2}, last_pause);
    peer.due = now + peer.pause;
  }
  BUD_CHECK(save(context_.db(), Table::meta, k, peer));
  return at_once ? send_all(from, !sync.asks) : Result<>{};
}

Result<> Registers::send_due() {
  if (!context_.member()) return {};
  BUD_CHECK(announce(hours(24)));
  std::vector<RegisterPeerRow> peers;
  BUD_CHECK(core::each<RegisterPeerRow>(context_.db(), Table::meta, {key::register_peers(), {}, false, SIZE_MAX},
                                        [&](std::uint64_t, RegisterPeerRow& row) {
                                          peers.push_back(row);
                                          return true;
                                        }));
  if (peers.empty()) return {};
  const Time now = context_.now();
  BUD_TRY(const std::vector<Recipient> devices, fanout_.devices(context_.own.account));
  for (RegisterPeerRow& peer : peers) {
    const RowKey k = key::register_peer(peer.device);
    const auto known = [&](const Recipient& r) { return r.device == peer.device; };
    const bool quiet = !peer.compare && elapsed(peer.due, now) >= last_pause;
    if (quiet || std::none_of(devices.begin(), devices.end(), known)) {
      BUD_CHECK(context_.db().erase(Table::meta, k));
      continue;
    }
    if (!peer.compare || now < peer.due) continue;
    const Recipient to{context_.own.account, peer.device};
    BUD_TRY(const bool under_way, control_.under_way(to));
    if (under_way) continue;
    peer.compare = false;
    BUD_CHECK(save(context_.db(), Table::meta, k, peer));
    BUD_CHECK(send_digest({&to, 1}));
  }
  return {};
}

// What waits for a copy that is under way is looked at whenever time is told.
Result<std::optional<Time>> Registers::next_due() {
  std::optional<Time> due;
  const Time now = context_.now();
  BUD_CHECK(core::each<RegisterPeerRow>(context_.db(), Table::meta, {key::register_peers(), {}, false, SIZE_MAX},
                                        [&](std::uint64_t, RegisterPeerRow& row) {
                                          if (row.compare && row.due > now && (!due || row.due < *due)) due = row.due;
                                          return true;
                                        }));
  return due;
}

// --- sending ---

wire::Content Registers::content_of(wire::RegisterSync sync) {
  return control_content(context_, wire::ContentKind::device_register, std::move(sync));
}

Result<> Registers::send_digest(std::span<const Recipient> to) {
  BUD_TRY(const RegistersRow all, load_all());
  return fanout_.send(make_letter(content_of({all.digest, false, {}}), false), to);
}

Result<> Registers::announce(Duration at_least) {
  if (!context_.member()) return {};
  BUD_TRY(RegistersRow all, load_all());
  const Time now = context_.now();
  if (all.announced <= now && elapsed(all.announced, now) < at_least) return {};
  BUD_TRY(const std::vector<Recipient> devices, fanout_.devices(context_.own.account));
  if (devices.empty()) return {};
  all.announced = now;
  BUD_CHECK(count_anew(all));
  BUD_CHECK(save(context_.db(), Table::meta, all_key, all));
  return send_digest(devices);
}

// In as many contents as it takes; the last one says what all of it comes to, those before it nothing.
Result<> Registers::send_all(const DeviceId& device, bool asks) {
  BUD_TRY(const RegistersRow all, load_all());
  std::vector<wire::RegisterSync> contents(1);
  std::size_t used = 0;
  BUD_CHECK(core::each<RegisterRow>(context_.db(), Table::registers, {}, [&](std::uint64_t, RegisterRow& row) {
    const std::size_t size = encoded(row.value).size();
    if (used + size > sync_room || contents.back().registers.size() == most_in_sync) {
      contents.emplace_back();
      used = 0;
    }
    used += size;
    contents.back().registers.push_back(std::move(row.value));
    return true;
  }));
  if (contents.back().registers.empty() && !asks) return {};
  contents.back().state = all.digest;
  contents.back().asks = asks;
  const Recipient to{context_.own.account, device};
  for (wire::RegisterSync& sync : contents) BUD_CHECK(control_.send(content_of(std::move(sync)), {&to, 1}));
  return {};
}

}  // namespace bud::core
