#include "bus/introspect.h"

#include <cstring>

namespace bud::bus {
namespace {

constexpr std::string_view emits = "org.freedesktop.DBus.Property.EmitsChangedSignal";

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + std::string(value) + "\"";
}

std::string annotation(std::string_view name, std::string_view value) {
  return "   <annotation" + attribute("name", name) + attribute("value", value) + "/>\n";
}

// `names` stand one after the other, each with its NUL; moves on behind those that were used.
std::string arguments(const char* signature, const char*& names, std::string_view direction) {
  std::string all;
  for (std::string_view rest = signature != nullptr ? signature : ""; !rest.empty();) {
    const std::string_view type = rest.substr(0, type_length(rest));
    rest.remove_prefix(type.size());
    all += "   <arg" + attribute("type", type);
    if (names != nullptr && *names != '\0') {
      all += attribute("name", names);
      names += std::strlen(names) + 1;
    }
    if (!direction.empty()) all += attribute("direction", direction);
    all += "/>\n";
  }
  return all;
}

std::string annotations(const sd_bus_vtable& v) {
  std::string all;
  const bool method = v.type == _SD_BUS_VTABLE_METHOD;
  const bool property = v.type == _SD_BUS_VTABLE_PROPERTY || v.type == _SD_BUS_VTABLE_WRITABLE_PROPERTY;
  if ((v.flags & SD_BUS_VTABLE_DEPRECATED) != 0) all += annotation("org.freedesktop.DBus.Deprecated", "true");
  if (method && (v.flags & SD_BUS_VTABLE_METHOD_NO_REPLY) != 0) {
    all += annotation("org.freedesktop.DBus.Method.NoReply", "true");
  }
  if (property && (v.flags & SD_BUS_VTABLE_PROPERTY_CONST) != 0) {
    all += annotation(emits, "const");
  } else if (property && (v.flags & SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION) != 0) {
    all += annotation(emits, "invalidates");
  } else if (property && (v.flags & SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE) == 0) {
    all += annotation(emits, "false");
  }
  if ((v.flags & SD_BUS_VTABLE_SENSITIVE) != 0) all += annotation("org.budstikke.Sensitive", "true");
  return all;
}

std::string element(std::string_view tag, std::string_view attributes, std::string_view inner) {
  const std::string name(tag);
  return "  <" + name + std::string(attributes) + ">\n" + std::string(inner) + "  </" + name + ">\n";
}

std::string member(const sd_bus_vtable& v) {
  switch (v.type) {
    case _SD_BUS_VTABLE_METHOD: {
      const char* names = v.x.method.names;
      std::string inner = arguments(v.x.method.signature, names, "in");
      inner += arguments(v.x.method.result, names, "out");
      return element("method", attribute("name", v.x.method.member), inner + annotations(v));
    }
    case _SD_BUS_VTABLE_SIGNAL: {
      const char* names = v.x.signal.names;
      return element("signal", attribute("name", v.x.signal.member),
                     arguments(v.x.signal.signature, names, {}) + annotations(v));
    }
    default: {
      const bool writable = v.type == _SD_BUS_VTABLE_WRITABLE_PROPERTY;
      return element("property",
                     attribute("name", v.x.property.member) + attribute("type", v.x.property.signature) +
                         attribute("access", writable ? "readwrite" : "read"),
                     annotations(v));
    }
  }
}

}  // namespace

std::size_t type_length(std::string_view signature) {
  std::size_t n = 0;
  while (n < signature.size() && signature[n] == 'a') ++n;
  int depth = 0;
  while (n < signature.size()) {
    const char c = signature[n++];
    if (c == '(' || c == '{') ++depth;
    if (c == ')' || c == '}') --depth;
    if (depth == 0) break;
  }
  return n;
}

std::string introspection(std::string_view interface, const sd_bus_vtable* vtable) {
  std::string all = " <interface" + attribute("name", interface) + ">\n";
  for (const sd_bus_vtable* v = vtable + 1; v->type != _SD_BUS_VTABLE_END; ++v) {  // the first is the start marker
    if ((v->flags & SD_BUS_VTABLE_HIDDEN) == 0) all += member(*v);
  }
  return all + " </interface>\n";
}

std::string introspection_document(std::string_view interfaces) {
  return "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
         "\"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>\n" +
         std::string(interfaces) + "</node>\n";
}

}  // namespace bud::bus
