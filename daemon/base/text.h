// What counts as text, in the protocol and on the bus alike.
#pragma once

#include <string_view>

namespace bud {

// UTF-8 as RFC 3629 and the D-Bus specification ("Valid UTF-8") define it, without NUL. The empty text is one.
[[nodiscard]] bool valid_text(std::string_view text);

}  // namespace bud
