// The one place where bud::Errc and D-Bus error names are matched. Every failure that leaves the daemon is one of
// `org.budstikke.Error.…` below, with words for a person; every failure that comes back becomes an Errc again.
//
//   Locked NoSuchAddress UntrustedDevice NotApproved TooLarge Offline InvalidArgument NotFound AlreadyExists
//   WrongSecret Damaged StorageFull Busy Unsupported NotAllowed Failed
#pragma once

#include "base/result.h"

#include <systemd/sd-bus.h>

#include <span>
#include <string_view>

namespace bud::bus {

// The full D-Bus name of an error. Several codes may share one; none is without.
const char* error_name(Errc code);
// The code of a D-Bus error name, ours or one of the bus's own (org.freedesktop.DBus.Error.…); internal for a
// stranger's.
Errc error_code(std::string_view name);
// What a person reads where whoever failed had no words of their own.
std::string_view default_words(Errc code);
// All names, each once, in the order above.
std::span<const char* const> error_names();

// From a negative errno of sd-bus or sd-event; `doing` says what was being tried ("reach the message bus").
Error error_from_errno(int negative_errno, std::string_view doing);
// From what a call came back with. `r` is the negative errno beside it, for when the error was not set.
Error error_from_bus(const sd_bus_error* error, int r);
// Fills `out` (sd-bus owns and frees it) and returns the negative errno that sd-bus wants from a handler.
int set_bus_error(sd_bus_error* out, const Error& error);

}  // namespace bud::bus
