#include "core/events.h"

namespace bud::core {

constexpr std::size_t max_client_id = 128;
constexpr std::size_t max_clients = 256;

Result<> Events::add(EventKind kind, const MessageId& message, const AccountId& contact) {
  context_.changes.events = true;
  return save(context_.db(), Table::events, key::number(context_.next_number()),
              EventRow{kind, context_.now(), message, contact});
}

Result<std::vector<std::pair<std::uint64_t, EventRow>>> Events::after(std::uint64_t cursor, std::size_t max) {
  std::vector<std::pair<std::uint64_t, EventRow>> rows;
  BUD_CHECK(each<EventRow>(context_.db(), Table::events, {{}, key::number(cursor + 1), false, max},
                           [&](std::uint64_t n, EventRow& row) {
                             rows.emplace_back(n, std::move(row));
                             return rows.size() < max;
                           }));
  return rows;
}

Result<std::uint64_t> Events::last() {
  std::uint64_t last = 0;
  BUD_CHECK(each<EventRow>(context_.db(), Table::events, {{}, {}, true, 1}, [&](std::uint64_t n, EventRow&) {
    last = n;
    return false;
  }));
  return last;
}

Result<std::uint64_t> Events::cursor(const std::string& client) {
  BUD_TRY(CursorRow row, load_or_new<CursorRow>(context_.db(), Table::clients, key::text(client)));
  return row.cursor;
}

Result<> Events::room_for_client() {
  std::size_t clients = 0;
  BUD_CHECK(each<CursorRow>(context_.db(), Table::clients, {}, [&](std::uint64_t, CursorRow&) {
    return ++clients < max_clients;
  }));
  if (clients >= max_clients) return fail(Errc::too_large, "too many clients have a cursor already");
  return {};
}

Result<> Events::acknowledge(const std::string& client, std::uint64_t cursor) {
  if (client.empty() || client.size() > max_client_id) return fail(Errc::malformed, "a client id has 1 to 128 bytes");
  BUD_TRY(std::uint64_t newest, last());
  if (cursor > newest) return fail(Errc::malformed, "a cursor that was never handed out");
  BUD_TRY(CursorRow row, load_or_new<CursorRow>(context_.db(), Table::clients, key::text(client)));
  if (cursor <= row.cursor) return {};
  if (row.cursor == 0) BUD_CHECK(room_for_client());
  row.cursor = cursor;
  return save(context_.db(), Table::clients, key::text(client), row);
}

}  // namespace bud::core
