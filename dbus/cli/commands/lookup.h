// What several commands look up first.
#pragma once

#include "cli/context.h"
#include "client/account.h"
#include "client/manager.h"

namespace bud::cli {

// The account of this device. Errors: client::Manager::account's.
Result<client::Account> own_account(Context& context);
// From an address ("spool:bob", looked up by its bridge), a thread's path or its last part.
Result<client::ObjectPath> find_thread(const client::Account& account, const std::string& what);
// The one id that begins with these hexadecimal digits, at least four. Errc::not_found where there is none,
// Errc::malformed where there are several.
Result<Bytes> find_by_prefix(std::string_view prefix, const std::vector<Bytes>& ids, std::string_view what);

}  // namespace bud::cli
