#include "core/sessions.h"

namespace bud::core {

constexpr std::size_t max_sessions = 40;

Result<PeerRow> Sessions::peer(const AccountId& account, const DeviceId& device) {
  BUD_TRY(PeerRow row, load_or_new<PeerRow>(context_.db(), Table::peers, key::device(account, device)));
  row.account = account;
  row.device = device;
  return row;
}

Result<> Sessions::save_peer(const PeerRow& peer) {
  return save(context_.db(), Table::peers, key::device(peer.account, peer.device), peer);
}

Result<std::optional<Way>> Sessions::way_to(const PeerRow& peer, std::string_view after) {
  bool behind = after.empty();
  for (const wire::Route& route : peer.routes) {
    std::optional<SplitAddress> split = split_address(route.address);
    if (!split) continue;
    if (!behind) {
      behind = split->bridge == after;
      continue;
    }
    BUD_TRY(std::optional<BridgeRow> bridge, load<BridgeRow>(context_.db(), Table::bridges, key::text(split->bridge)));
    if (bridge && bridge->known) return std::optional<Way>(Way{split->bridge, split->rest, route.device});
  }
  return std::optional<Way>();
}

Result<std::vector<Session>> Sessions::all(const AccountId& account, const DeviceId& device) {
  std::vector<Session> sessions;
  BUD_CHECK(context_.db().scan(Table::sessions, {key::device(account, device), {}, false, SIZE_MAX},
                               [&](std::uint64_t, Result<crypto::SecretBytes> row) {
                                 if (!row) return true;  // damaged: healed by a fresh one
                                 if (auto s = decode_session(row->expose())) sessions.push_back(std::move(*s));
                                 return true;
                               }));
  return sessions;
}

Result<std::optional<Session>> Sessions::preferred(const AccountId& account, const DeviceId& device) {
  BUD_TRY(std::vector<Session> sessions, all(account, device));
  auto best = std::min_element(sessions.begin(), sessions.end(),
                               [](const Session& a, const Session& b) { return core::preferred(a, b); });
  if (best == sessions.end()) return std::optional<Session>();
  return std::optional<Session>(std::move(*best));
}

Result<std::optional<Session>> Sessions::find(const OwnerRow& owner, const SessionId& id) {
  BUD_TRY(std::optional<crypto::SecretBytes> row,
          context_.db().get(Table::sessions, key::session(owner.account, owner.device, id)));
  if (!row) return std::optional<Session>();
  BUD_TRY(Session s, decode_session(row->expose()));
  return std::optional<Session>(std::move(s));
}

Result<std::optional<OwnerRow>> Sessions::owner(const SessionId& id) {
  return load<OwnerRow>(context_.db(), Table::session_index, key::session_id(id));
}

Result<> Sessions::store(const AccountId& account, const DeviceId& device, const Session& session) {
  return context_.db().put(Table::sessions, key::session(account, device, session.id), encode(session).expose());
}

Result<> Sessions::add(const AccountId& account, const DeviceId& device, const Session& session) {
  BUD_CHECK(store(account, device, session));
  BUD_CHECK(save(context_.db(), Table::session_index, key::session_id(session.id), OwnerRow{account, device}));
  BUD_TRY(std::vector<Session> sessions, all(account, device));
  if (sessions.size() <= max_sessions) return {};
  auto worst = std::max_element(sessions.begin(), sessions.end(),
                                [](const Session& a, const Session& b) { return core::preferred(a, b); });
  BUD_CHECK(context_.db().erase(Table::sessions, key::session(account, device, worst->id)));
  return context_.db().erase(Table::session_index, key::session_id(worst->id));
}

Result<> Sessions::erase_all(const AccountId& account, const DeviceId& device) {
  BUD_TRY(std::vector<Session> sessions, all(account, device));
  for (const Session& s : sessions) BUD_CHECK(context_.db().erase(Table::session_index, key::session_id(s.id)));
  return context_.db().erase_all(Table::sessions, key::device(account, device));
}

}  // namespace bud::core
