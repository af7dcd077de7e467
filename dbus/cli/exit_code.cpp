#include "cli/exit_code.h"

#include "bus/error.h"

namespace bud::cli {

ExitCode exit_code(Errc code, bool unreachable) {
  if (unreachable) return ExitCode::unreachable;
  switch (code) {
    case Errc::malformed:
    case Errc::too_large:
    case Errc::bad_key:
      return ExitCode::usage;
    case Errc::locked:
      return ExitCode::locked;
    case Errc::not_found:
    case Errc::no_such_address:
      return ExitCode::not_found;
    case Errc::not_allowed:
    case Errc::not_approved:
    case Errc::untrusted_device:
    case Errc::bad_signature:
      return ExitCode::not_allowed;
    case Errc::wrong_secret:
      return ExitCode::wrong_secret;
    case Errc::offline:
      return ExitCode::offline;
    case Errc::storage:
    case Errc::damaged:
    case Errc::cannot_open:
      return ExitCode::storage;
    case Errc::conflict:
    case Errc::busy:
    case Errc::unsupported:
    case Errc::internal:
      return ExitCode::other;
  }
  return ExitCode::other;
}

std::string error_name(Errc code, bool unreachable) {
  if (unreachable) return "Unreachable";
  const std::string_view name = bus::error_name(code);
  return std::string(name.substr(name.rfind('.') + 1));
}

std::string_view advice(Errc code, bool unreachable) {
  if (unreachable)
    return "Start it (systemctl --user start budstikked), or say which bus it is on with --bus; see budstikke doctor";
  switch (code) {
    case Errc::locked:
      return "budstikke unlock opens the vault; budstikke vault create makes one";
    case Errc::storage:
    case Errc::damaged:
    case Errc::internal:
      return "See budstikke doctor and budstikke alerts";
    default:
      return "";
  }
}

std::string_view exit_codes_help() {
  return "Exit codes: 0 done, 1 usage or a refused argument, 2 the daemon is not reachable, 3 the vault is locked or "
         "not "
         "made, 4 not found, 5 not allowed or not approved, 6 wrong passphrase or code, 7 offline or time is up, 8 the "
         "disk refused or data is damaged, 9 anything else.";
}

}  // namespace bud::cli
