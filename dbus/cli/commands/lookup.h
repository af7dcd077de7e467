// What several commands look up first.
#pragma once

#include "cli/context.h"
#include "client/account.h"
#include "client/manager.h"

namespace bud::cli {

// An argument that is to be said, or standard input where it is "-".
Result<std::string> text_of(Context& context, const std::string& argument);
// The account of this device. Errors: client::Manager::account's.
Result<client::Account> own_account(Context& context);
// From an address ("spool:bob", looked up by its bridge), a thread's path, its last part, or the beginning of that.
Result<client::ObjectPath> find_thread(Context& context, const std::string& what);
// From a message's path, its last part, or the beginning of that: of one of the newest of each thread.
Result<client::MessageView> find_message(Context& context, const std::string& what);
// The one id that begins with these hexadecimal digits, at least four. Errc::not_found where there is none,
// Errc::malformed where there are several.
Result<Bytes> find_by_prefix(std::string_view prefix, const std::vector<Bytes>& ids, std::string_view what);

}  // namespace bud::cli
