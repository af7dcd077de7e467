#include "bus/error.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace bud::bus {
namespace {

#define BUD_ERROR_PREFIX "org.budstikke.Error."

struct Mapping {
  const char* name;
  Errc code;
  std::string_view words;
};

// A name's first row is what the name means on the way back.
constexpr std::array mappings{
    Mapping{BUD_ERROR_PREFIX "Locked", Errc::locked, "The vault is locked: unlock it first"},
    Mapping{BUD_ERROR_PREFIX "NoSuchAddress", Errc::no_such_address, "Nobody is registered at this address"},
    Mapping{BUD_ERROR_PREFIX "UntrustedDevice", Errc::untrusted_device,
            "The account's ledger does not list this device"},
    Mapping{BUD_ERROR_PREFIX "UntrustedDevice", Errc::bad_signature, "A signature does not verify"},
    Mapping{BUD_ERROR_PREFIX "NotApproved", Errc::not_approved, "This waits for approval on another device"},
    Mapping{BUD_ERROR_PREFIX "TooLarge", Errc::too_large, "This is larger than allowed"},
    Mapping{BUD_ERROR_PREFIX "Offline", Errc::offline,
            "No bridge or server answered: nothing is lost, try again later"},
    Mapping{BUD_ERROR_PREFIX "InvalidArgument", Errc::malformed, "An argument is not valid"},
    Mapping{BUD_ERROR_PREFIX "InvalidArgument", Errc::bad_key, "A key is not valid"},
    Mapping{BUD_ERROR_PREFIX "NotFound", Errc::not_found, "There is no such object"},
    Mapping{BUD_ERROR_PREFIX "AlreadyExists", Errc::conflict, "This exists already, or changed meanwhile"},
    Mapping{BUD_ERROR_PREFIX "WrongSecret", Errc::wrong_secret, "The passphrase or code does not fit"},
    Mapping{BUD_ERROR_PREFIX "Damaged", Errc::damaged, "Stored data is damaged"},
    Mapping{BUD_ERROR_PREFIX "Damaged", Errc::cannot_open, "Sealed data cannot be opened"},
    Mapping{BUD_ERROR_PREFIX "StorageFull", Errc::storage, "The disk refused the change: make room, then try again"},
    Mapping{BUD_ERROR_PREFIX "Busy", Errc::busy, "Somebody else is at it: try again later"},
    Mapping{BUD_ERROR_PREFIX "Unsupported", Errc::unsupported, "This version does not know how to do that"},
    Mapping{BUD_ERROR_PREFIX "NotAllowed", Errc::not_allowed, "This is not allowed"},
    Mapping{BUD_ERROR_PREFIX "Failed", Errc::internal, "Something went wrong inside Budstikke"},
};

#undef BUD_ERROR_PREFIX

struct Foreign {
  std::string_view name;
  Errc code;
};

// The bus's own errors that a client can do something about (D-Bus specification and sd-bus-errors(3)).
constexpr std::array foreign{
    Foreign{SD_BUS_ERROR_SERVICE_UNKNOWN, Errc::offline},
    Foreign{SD_BUS_ERROR_NAME_HAS_NO_OWNER, Errc::offline},
    Foreign{SD_BUS_ERROR_NO_REPLY, Errc::offline},
    Foreign{SD_BUS_ERROR_TIMEOUT, Errc::offline},
    Foreign{SD_BUS_ERROR_DISCONNECTED, Errc::offline},
    Foreign{SD_BUS_ERROR_NO_SERVER, Errc::offline},
    Foreign{SD_BUS_ERROR_INVALID_ARGS, Errc::malformed},
    Foreign{SD_BUS_ERROR_INVALID_SIGNATURE, Errc::malformed},
    Foreign{SD_BUS_ERROR_INCONSISTENT_MESSAGE, Errc::malformed},
    Foreign{SD_BUS_ERROR_UNKNOWN_OBJECT, Errc::not_found},
    Foreign{SD_BUS_ERROR_UNKNOWN_METHOD, Errc::unsupported},
    Foreign{SD_BUS_ERROR_UNKNOWN_INTERFACE, Errc::unsupported},
    Foreign{SD_BUS_ERROR_UNKNOWN_PROPERTY, Errc::unsupported},
    Foreign{SD_BUS_ERROR_NOT_SUPPORTED, Errc::unsupported},
    Foreign{SD_BUS_ERROR_ACCESS_DENIED, Errc::not_allowed},
    Foreign{SD_BUS_ERROR_PROPERTY_READ_ONLY, Errc::not_allowed},
    Foreign{SD_BUS_ERROR_LIMITS_EXCEEDED, Errc::too_large},
};

const Mapping& mapping_of(Errc code) {
  const auto* found = std::find_if(mappings.begin(), mappings.end(), [&](const Mapping& m) { return m.code == code; });
  return found != mappings.end() ? *found : mappings.back();
}

}  // namespace

const char* error_name(Errc code) {
  return mapping_of(code).name;
}

std::string_view default_words(Errc code) {
  return mapping_of(code).words;
}

Errc error_code(std::string_view name) {
  for (const Mapping& m : mappings) {
    if (name == m.name) return m.code;
  }
  for (const Foreign& f : foreign) {
    if (name == f.name) return f.code;
  }
  return Errc::internal;
}

std::span<const char* const> error_names() {
  static const std::vector<const char*> names = [] {
    std::vector<const char*> unique;
    for (const Mapping& m : mappings) {
      if (unique.empty() || std::string_view(unique.back()) != m.name) unique.push_back(m.name);
    }
    return unique;
  }();
  return names;
}

Error error_from_errno(int negative_errno, std::string_view doing) {
  const int number = negative_errno < 0 ? -negative_errno : negative_errno;
  const Errc code = [&] {
    switch (number) {
      case ECONNREFUSED:
      case ECONNRESET:
      case ENOTCONN:
      case EPIPE:
      case ETIMEDOUT:
      case ESHUTDOWN:
      case ENOENT:
      case ENOMEDIUM:  // sd-bus: no bus address is set
        return Errc::offline;
      case EBADMSG:
      case ENXIO:
      case EINVAL:
        return Errc::malformed;
      case EMSGSIZE:
      case E2BIG:
        return Errc::too_large;
      case ENOBUFS:
      case EBUSY:
      case EAGAIN:
        return Errc::busy;
      case EACCES:
      case EPERM:
        return Errc::not_allowed;
      case EEXIST:
        return Errc::conflict;
      case ENOSPC:
      case EROFS:
      case EDQUOT:
      case EIO:
        return Errc::storage;
      case EOPNOTSUPP:
        return Errc::unsupported;
      default:
        return Errc::internal;
    }
  }();
  char buffer[128];
  return {code, "Cannot " + std::string(doing) + ": " + ::strerror_r(number, buffer, sizeof buffer)};
}

Error error_from_bus(const sd_bus_error* error, int r) {
  if (error == nullptr || error->name == nullptr) return error_from_errno(r, "complete the call");
  const Errc code = error_code(error->name);
  const bool has_words = error->message != nullptr && error->message[0] != '\0';
  return {code, has_words ? std::string(error->message) : std::string(default_words(code))};
}

int set_bus_error(sd_bus_error* out, const Error& error) {
  const bool has_words = !error.text.empty() && valid_text(error.text);
  const std::string words(has_words ? std::string_view(error.text) : default_words(error.code));
  return sd_bus_error_set(out, error_name(error.code), words.c_str());
}

}  // namespace bud::bus
