#include "core/engine.h"

#include "base/text.h"
#include "core/parts.h"

namespace bud::core {
namespace {

const RowKey keys_key = key::meta("keys");
constexpr std::size_t max_state_value = 64 * 1024;

RowKey cursor_key(const std::string& bridge) { return RowKey().blind("cursor").blind(bridge); }
std::string full(const std::string& bridge, const std::string& address) { return bridge + ":" + address; }

}  // namespace

Engine::Engine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(const Environment& environment) {
  auto parts = std::make_unique<Parts>(environment);
  Context& c = parts->context;
  BUD_TRY(Transaction tx, Transaction::open(c.db()));
  BUD_TRY(std::optional<KeysRow> keys, load<KeysRow>(c.db(), Table::meta, keys_key));
  if (!keys) {
    keys.emplace();
    const crypto::SigningKey signing = crypto::SigningKey::generate(c.env.random);
    keys->signing = *crypto::Secret<64>::from(signing.expanded());
    c.env.random.fill(keys->identity.expose_mutable());
    BUD_CHECK(save(c.db(), Table::meta, keys_key, *keys));
  }
  BUD_CHECK(c.keys.load(c.env.arena, *keys));
  BUD_TRY(c.own, load_or_new<OwnRow>(c.db(), Table::meta, own_key));
  BUD_CHECK(tx.commit());
  return std::unique_ptr<Engine>(new Engine(std::move(parts)));
}

// --- account ---

Result<AccountInfo> Engine::account() { return parts_->account.info(); }
Result<> Engine::create_account(const std::string& name) {
  return parts_->run([&] { return parts_->account.create(name); });
}
Result<crypto::SecretBytes> Engine::recovery_words() { return parts_->account.recovery_words(); }
Result<> Engine::recovery_words_shown() {
  return parts_->run([&] { return parts_->account.recovery_words_shown(); });
}

// --- joining ---

Result<> Engine::begin_join(const std::string& address) {
  return parts_->run([&] { return parts_->joining.begin(address); });
}
Result<JoinStatus> Engine::join_status() { return parts_->joining.status(); }
Result<> Engine::confirm_join(const std::string& second_code) {
  return parts_->run([&] { return parts_->joining.confirm(second_code); });
}
Result<> Engine::cancel_join() {
  return parts_->run([&] { return parts_->joining.cancel(); });
}
Result<> Engine::open_join_window(Duration length) {
  return parts_->run([&] { return parts_->joining.open_window(length); });
}
Result<> Engine::close_join_window() {
  return parts_->run([&] { return parts_->joining.close_window(); });
}
Result<std::vector<JoinRequest>> Engine::join_requests() { return parts_->joining.requests(); }
Result<std::string> Engine::approve_join(std::uint64_t request, const std::string& first_code) {
  return parts_->run([&] { return parts_->joining.approve(request, first_code); });
}
Result<> Engine::reject_join(std::uint64_t request) {
  return parts_->run([&] { return parts_->joining.reject(request); });
}

// --- devices ---

Result<std::vector<DeviceInfo>> Engine::devices(const AccountId& account) { return parts_->account.devices(account); }
Result<> Engine::revoke_device(const DeviceId& device) {
  return parts_->run([&] { return parts_->account.revoke(device); });
}

// --- bridges ---

Result<std::vector<BridgeConfig>> Engine::bridges() {
  std::vector<BridgeConfig> out;
  BUD_CHECK(each<BridgeRow>(parts_->context.db(), Table::bridges, {}, [&](std::uint64_t, BridgeRow& row) {
    out.push_back(std::move(row.config));
    return true;
  }));
  return out;
}

Result<> Engine::add_bridge(const BridgeConfig& config) {
  return parts_->run([&]() -> Result<> {
    auto name_char = [](char ch) { return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-'; };
    if (config.name.empty() || config.name.size() > 32 || !std::all_of(config.name.begin(), config.name.end(), name_char))
      return fail(Errc::malformed, "a bridge's name has 1 to 32 characters of a-z, 0-9 and -");
    if (config.json.size() > max_state_value) return fail(Errc::too_large, "a bridge's configuration has at most 64 KiB");
    BUD_TRY(std::optional<BridgeRow> there, load<BridgeRow>(parts_->context.db(), Table::bridges, key::text(config.name)));
    if (there) return fail(Errc::conflict, "there is a bridge of that name already");
    return save(parts_->context.db(), Table::bridges, key::text(config.name), BridgeRow{config, false, {}, 0});
  });
}

Result<> Engine::remove_bridge(const std::string& name) {
  return parts_->run([&]() -> Result<> {
    Storage& db = parts_->context.db();
    BUD_TRY(std::optional<BridgeRow> there, load<BridgeRow>(db, Table::bridges, key::text(name)));
    if (!there) return fail(Errc::not_found, "there is no bridge of that name");
    parts_->up.erase(name);
    BUD_CHECK(db.erase_all(Table::bridge_state, RowKey().blind(name)));
    BUD_CHECK(db.erase(Table::meta, cursor_key(name)));
    BUD_CHECK(db.erase(Table::bridges, key::text(name)));
    BUD_CHECK(parts_->outbox.move_away(name));
    parts_->context.routes_changed();
    BUD_CHECK(parts_->directory.republish());
    return parts_->context.member() ? parts_->account.tell_own_devices() : Result<>{};
  });
}

// --- time ---

Result<> Engine::tick() {
  return parts_->run([&]() -> Result<> {
    Parts& p = *parts_;
    BUD_CHECK(p.receipts.send_due());
    BUD_CHECK(p.healing.send_due());
    BUD_CHECK(p.joining.close_when_due());
    BUD_CHECK(p.outbox.push_again());
    BUD_CHECK(p.gaps.ask_due());
    BUD_CHECK(p.reading.expire_due());
    BUD_CHECK(p.conversations.witness_due());
    BUD_CHECK(p.conversations.forget_asides());
    BUD_CHECK(p.registers.send_due());
    BUD_CHECK(p.directory.ask_again(false));
    BUD_TRY(bool rotated, p.prekeys.rotate());
    if (rotated && p.context.member()) BUD_CHECK(p.directory.republish());
    BUD_CHECK(p.directory.republish_when_due());
    if (p.context.member()) BUD_CHECK(p.directory.refresh(p.context.own.account, hours(24)));
    return p.age_prekeys();
  });
}

Result<> Engine::Parts::age_prekeys() {
  // Only time in which mail could come in counts: what was sealed to an old prekey may still lie at a server.
  const Time now = context.now();
  const Duration since = elapsed(last_aged, now);
  if (last_aged != Time{} && since < aging_step) return {};
  std::size_t configured = 0;
  BUD_CHECK(each<BridgeRow>(context.db(), Table::bridges, {}, [&](std::uint64_t, BridgeRow&) {
    ++configured;
    return true;
  }));
  const bool counts = last_aged != Time{} && since <= Duration{aging_step.ms * 2} && configured > 0 && up.size() == configured;
  last_aged = now;
  return counts ? prekeys.age(since) : Result<>{};
}

Time Engine::next_due() const {
  Parts& p = *parts_;
  Time due = p.context.now() + aging_step;
  auto sooner = [&](const Result<std::optional<Time>>& t) {
    if (t && *t) due = std::min(due, **t);
  };
  sooner(p.receipts.next_due());
  sooner(p.healing.next_due());
  sooner(p.joining.next_due());
  sooner(p.outbox.next_due());
  sooner(p.gaps.next_due());
  sooner(p.registers.next_due());
  sooner(p.reading.next_due());
  return due;
}

// --- TransportPort ---

Result<> Engine::bridge_ready(const std::string& bridge, const BridgeIdentity& identity) {
  return parts_->run([&]() -> Result<> {
    Context& c = parts_->context;
    if (!split_address(full(bridge, identity.address)) || identity.device.empty() || identity.device.size() > wire::max_transport_name ||
        !valid_text(identity.address) || !valid_text(identity.device))
      return fail(Errc::malformed, "a bridge that names no usable address");
    BUD_TRY(std::optional<BridgeRow> row, load<BridgeRow>(c.db(), Table::bridges, key::text(bridge)));
    if (!row) return fail(Errc::not_found, "there is no bridge of that name");
    const bool moved = !row->known || row->identity.address != identity.address || row->identity.device != identity.device;
    row->known = true;
    row->identity = identity;
    if (moved) {
      row->published = 0;
      c.routes_changed();
    }
    BUD_CHECK(save(c.db(), Table::bridges, key::text(bridge), *row));
    parts_->up.insert(bridge);
    c.changes.outbox.insert(bridge);
    c.changes.publish.insert(bridge);
    if (!c.member()) return {};
    BUD_CHECK(parts_->account.claim(full(bridge, identity.address)));
    BUD_CHECK(parts_->directory.ask_again(true));
    BUD_CHECK(parts_->registers.announce_at_start());
    if (moved) BUD_CHECK(parts_->directory.republish());
    return parts_->directory.refresh(c.own.account, minutes(1));  // the self-audit at start
  });
}

Result<std::vector<OutboxItem>> Engine::outbox(const std::string& bridge, std::uint64_t after, std::size_t max_items,
                                               std::size_t max_bytes) {
  return parts_->outbox.batch(bridge, after, max_items, max_bytes);
}
Result<> Engine::pushed(const std::string& bridge, std::span<const PushResult> results) {
  return parts_->run([&] { return parts_->outbox.pushed(bridge, results); });
}

Result<> Engine::deliver(const std::string& bridge, std::span<const Bytes> copies, ByteView cursor) {
  return parts_->run([&]() -> Result<> {
    for (const Bytes& copy : copies) BUD_CHECK(parts_->inbox.take(copy));
    return save(parts_->context.db(), Table::meta, cursor_key(bridge), BytesRow{"", Bytes(cursor.begin(), cursor.end())});
  });
}
Result<Bytes> Engine::cursor(const std::string& bridge) {
  BUD_TRY(BytesRow row, load_or_new<BytesRow>(parts_->context.db(), Table::meta, cursor_key(bridge)));
  return std::move(row.bytes);
}

Result<std::optional<Publication>> Engine::publication(const std::string& bridge) {
  return parts_->run([&]() -> Result<std::optional<Publication>> {
    BUD_TRY(std::optional<BridgeRow> row, load<BridgeRow>(parts_->context.db(), Table::bridges, key::text(bridge)));
    if (!row) return std::optional<Publication>();
    return parts_->directory.publication(*row);
  });
}
Result<> Engine::published(const std::string& bridge, std::uint64_t sequence) {
  return parts_->run([&]() -> Result<> {
    BUD_TRY(std::optional<BridgeRow> row, load<BridgeRow>(parts_->context.db(), Table::bridges, key::text(bridge)));
    if (!row || sequence <= row->published) return {};
    row->published = sequence;
    return save(parts_->context.db(), Table::bridges, key::text(bridge), *row);
  });
}

Result<> Engine::records(const std::string& bridge, const std::string& address, std::span<const Bytes> served) {
  return parts_->run([&]() -> Result<> {
    std::vector<wire::Record> records;
    std::vector<wire::JoinRecord> joiners;
    for (const Bytes& bytes : served) {
      // What does not verify is nobody's: a directory can put anything there, and gains nothing by it.
      const std::optional<wire::ObjectType> type = wire::peek_record_type(bytes);
      if (type == wire::ObjectType::record) {
        if (auto r = parts_->verified.get(bytes)) records.push_back(std::move(*r));
      } else if (type == wire::ObjectType::join_record) {
        if (auto r = parts_->verified_joiners.get(bytes)) joiners.push_back(std::move(*r));
      }
    }
    BUD_CHECK(parts_->directory.served(full(bridge, address), records));
    return parts_->joining.seen(full(bridge, address), joiners);
  });
}
Result<> Engine::lookup_failed(const std::string& bridge, const std::string& address) {
  return parts_->run([&] { return parts_->directory.failed(full(bridge, address)); });
}

Result<std::map<std::string, Bytes>> Engine::bridge_state(const std::string& bridge) {
  std::map<std::string, Bytes> out;
  BUD_CHECK(each<BytesRow>(parts_->context.db(), Table::bridge_state, {RowKey().blind(bridge), {}, false, SIZE_MAX},
                           [&](std::uint64_t, BytesRow& row) {
                             out[row.key] = std::move(row.bytes);
                             return true;
                           }));
  return out;
}
Result<> Engine::store_bridge_state(const std::string& bridge, const std::string& key, ByteView value) {
  if (key.size() > 128 || value.size() > max_state_value) return fail(Errc::too_large, "a bridge's state is at most 64 KiB a value");
  return parts_->run([&]() -> Result<> {
    return save(parts_->context.db(), Table::bridge_state, key::bridge_state(bridge, key), BytesRow{key, Bytes(value.begin(), value.end())});
  });
}

}  // namespace bud::core
