// Objects of the protocol as JSON, field by field, under the names of PROTOCOL.md.
#pragma once

#include "json.h"
#include "wire/header.h"
#include "wire/plaintext.h"
#include "wire/roster.h"

namespace bud::vectors {

Json fields(const wire::EntryBody& b);
Json fields(const wire::RosterBody& b);
Json fields(const wire::PrekeyBundle& b);
Json fields(const wire::Route& r);
Json fields(const wire::Content& c);
Json fields(const wire::Gossip& g);
Json fields(const wire::Header& h);

template <class Items, class Each>
Json list(const Items& items, Each each) {
  Json out = Json::array();
  for (const auto& item : items) out.push(each(item));
  return out;
}
template <class F>
Json hex_list(const std::vector<F>& items) {
  return list(items, [](const auto& f) { return Json::hex(f); });
}

}  // namespace bud::vectors
