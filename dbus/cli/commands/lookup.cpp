#include "cli/commands/lookup.h"

#include "client/message.h"
#include "client/names.h"
#include "client/thread.h"

#include <algorithm>

namespace bud::cli {

Result<std::string> text_of(Context& context, const std::string& argument) {
  constexpr std::size_t max_text = 64 * 1024;
  return argument == "-" ? context.console.read_all(max_text) : std::string(argument);
}

Result<client::Account> own_account(Context& context) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_TRY(const client::ObjectPath path, client::Manager(*connection).account());
  return client::Account(*connection, path);
}

namespace {

Result<Bytes> id_of(const client::ObjectPath& path) {
  std::optional<Bytes> id = from_hex(client::last_part(path));
  if (!id) return fail(Errc::malformed, "The daemon named an object without an id");
  return std::move(*id);
}

bool is_whole(const std::string& what) {
  return what.size() >= 32;
}

}  // namespace

Result<client::ObjectPath> find_thread(Context& context, const std::string& what) {
  BUD_TRY(const client::Account account, own_account(context));
  if (what.find(':') != std::string::npos) {
    BUD_TRY(const client::ObjectPath contact, account.resolve(what));
    return account.open_thread(contact);
  }
  if (is_whole(what)) return client::object_path("thread", what);
  BUD_TRY(const std::vector<client::ThreadView> threads, client::Manager(*context.connection).threads());
  std::vector<Bytes> ids;
  for (const client::ThreadView& t : threads) {
    BUD_TRY(Bytes id, id_of(t.path));
    ids.push_back(std::move(id));
  }
  BUD_TRY(const Bytes id, find_by_prefix(what, ids, "thread"));
  return client::object_path("thread", to_hex(id));
}

Result<client::MessageView> find_message(Context& context, const std::string& what) {
  constexpr std::uint32_t newest = 200;  // of each thread
  BUD_CHECK(own_account(context));
  client::Connection& connection = *context.connection;
  if (is_whole(what)) {
    BUD_TRY(const client::ObjectPath path, client::object_path("message", what));
    return client::Message(connection, path).view();
  }
  BUD_TRY(const std::vector<client::ThreadView> threads, client::Manager(connection).threads());
  std::vector<Bytes> ids;
  std::vector<client::MessageView> messages;
  for (const client::ThreadView& t : threads) {
    BUD_TRY(client::Thread::Page page, client::Thread(connection, t.path).messages(0, newest));
    for (client::MessageView& m : page.messages) {
      BUD_TRY(Bytes id, id_of(m.path));
      ids.push_back(std::move(id));
      messages.push_back(std::move(m));
    }
  }
  BUD_TRY(const Bytes id, find_by_prefix(what, ids, "message"));
  return messages[static_cast<std::size_t>(std::find(ids.begin(), ids.end(), id) - ids.begin())];
}

Result<Bytes> find_by_prefix(std::string_view prefix, const std::vector<Bytes>& ids, std::string_view what) {
  constexpr std::size_t least = 4;
  std::string digits(prefix);
  for (char& c : digits) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  if (digits.size() < least || digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return fail(Errc::malformed,
                "A " + std::string(what) + " is named by the beginning of its id: four or more hexadecimal digits");
  }
  const Bytes* found = nullptr;
  for (const Bytes& id : ids) {
    if (!to_hex(id).starts_with(digits)) continue;
    if (found != nullptr) return fail(Errc::malformed, "More than one " + std::string(what) + " begins with " + digits);
    found = &id;
  }
  if (found == nullptr) return fail(Errc::not_found, "No " + std::string(what) + " begins with " + digits);
  return *found;
}

}  // namespace bud::cli
