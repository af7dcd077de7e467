// org.budstikke.Thread1.
#pragma once

#include "client/connection.h"
#include "client/types.h"

namespace bud::client {

class Thread : public Proxy {
 public:
  Thread(Connection& connection, const ObjectPath& path);

  Result<ThreadView> view() const;
  // An empty key: none.
  Result<ObjectPath> send(std::string_view text, std::string_view idempotency_key) const;
  struct Page {
    std::vector<MessageView> messages;  // newest first
    std::uint64_t next = 0;
  };
  Result<> set_muted(Time until) const;
  Result<> set_pinned(bool pinned) const;
  Result<> set_archived(bool archived) const;
  Result<> set_draft(std::string_view text) const;
  Result<Page> messages(std::uint64_t before, std::uint32_t max) const;
};

}  // namespace bud::client
