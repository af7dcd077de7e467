#include "cli/commands/lookup.h"

#include "client/names.h"

namespace bud::cli {

Result<client::Account> own_account(Context& context) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_TRY(const client::ObjectPath path, client::Manager(*connection).account());
  return client::Account(*connection, path);
}

Result<client::ObjectPath> find_thread(const client::Account& account, const std::string& what) {
  if (what.find(':') == std::string::npos) return client::object_path("thread", what);
  BUD_TRY(const client::ObjectPath contact, account.resolve(what));
  return account.open_thread({contact});
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
