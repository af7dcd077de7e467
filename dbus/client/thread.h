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
  // The daemon reads the file, or the pipe, to its end before it answers. The descriptor stays the caller's.
  Result<ObjectPath> send_file(int file, const std::string& name, const std::string& media_type, std::string_view text,
                               std::string_view idempotency_key) const;
  // A pipe: one that ends before the file's size was cut, and Message::files says why.
  Result<UniqueFd> open_file(const ObjectPath& message, std::uint32_t index) const;
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
