// What a vtable offers, as introspection XML: for `--bus-introspect`, which has no bus to ask. The vtable is the one
// that is served, so that comparing this with dbus/interfaces compares what is served.
#pragma once

#include <systemd/sd-bus-vtable.h>

#include <string>
#include <string_view>

namespace bud::bus {

// The length of the first complete type of a signature that sd-bus accepts and that is not empty.
std::size_t type_length(std::string_view signature);

// One <interface> element. Besides the D-Bus specification's annotations, SD_BUS_VTABLE_SENSITIVE (messages are wiped
// from memory) is shown as org.budstikke.Sensitive. Hidden members are left out. The vtable is trusted: signatures and
// names are those that sd-bus itself accepts.
std::string introspection(std::string_view interface, const sd_bus_vtable* vtable);

// The same, with <node> and the DOCTYPE around `interfaces`.
std::string introspection_document(std::string_view interfaces);

}  // namespace bud::bus
