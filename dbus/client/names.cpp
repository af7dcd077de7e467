#include "client/names.h"

namespace bud::client {
namespace {
constexpr std::size_t short_id = 16;  // bytes of an id that stand in a path

std::string under(std::string_view kind) {
  return std::string(root_path) + "/" + std::string(kind) + "/";
}
}  // namespace

bus::ObjectPath contact_path(ByteView account_id) {
  return {under("contact") + to_hex(account_id.first(std::min(account_id.size(), short_id)))};
}

Result<bus::ObjectPath> object_path(std::string_view kind, std::string_view text) {
  const std::string prefix = under(kind);
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  std::string digits(text);
  for (char& c : digits) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  if (digits.size() != 2 * short_id || !from_hex(digits)) {
    return fail(Errc::malformed,
                "\"" + std::string(text) + "\" is no " + std::string(kind) + ": 32 hexadecimal digits name one");
  }
  return bus::ObjectPath{prefix + digits};
}

bool is_own(const bus::ObjectPath& path) {
  return path.text.starts_with(under("account"));
}

std::string last_part(const bus::ObjectPath& path) {
  return path.text.substr(path.text.rfind('/') + 1);
}

}  // namespace bud::client
