// All interfaces of the daemon, for `--bus-introspect`.
#pragma once

#include <optional>
#include <string>

namespace bud::service {

// An introspection document of all of them, or of the one that is named; nullopt where there is none of that name.
std::optional<std::string> introspect(const std::string& interface);

}  // namespace bud::service
