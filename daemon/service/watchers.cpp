#include "service/watchers.h"

#include "service/account.h"
#include "service/log.h"

namespace bud::service {
namespace {

constexpr std::size_t max_clients = 256;

}  // namespace

Result<> Watchers::add(const std::string& client) {
  if (clients_.contains(client)) return {};
  if (clients_.size() >= max_clients) return fail(Errc::busy, "too many clients watch already");
  BUD_TRY(bus::Bus::ClientWatch watch, bus_.watch_client(client, [this, client] { clients_.erase(client); }));
  clients_.emplace(client, std::move(watch));
  return {};
}

void Watchers::tell(std::uint64_t cursor) {
  send("Available", [&](bus::Writer& out) { out.u64(cursor); });
}

void Watchers::tell(const core::TypingInfo& typing) {
  send("Typing", [&](bus::Writer& out) {
    out.path(paths::of(typing.thread)).path(paths::of(typing.account)).boolean(typing.active);
  });
}

void Watchers::send(const char* member, const bus::Bus::Write& write) {
  const bus::Target source{{}, paths::account, Account::interface};
  for (const auto& [client, watch] : clients_) {
    const Result<> sent = bus_.emit_to(client, source, member, write);
    if (!sent) log(LogLevel::warning, "a client cannot be told of news: " + sent.error().text);
  }
}

}  // namespace bud::service
