// org.budstikke.Thread1.
#pragma once

#include "client/connection.h"
#include "client/types.h"

namespace bud::client {

class Thread : public Proxy {
 public:
  Thread(Connection& connection, const ObjectPath& path);

  Result<ThreadView> view() const;
  // As Send has it: text, poll, contact; reply-to, expire. An empty key: none.
  Result<ObjectPath> send(const bus::Dict& content, std::string_view idempotency_key) const;
  Result<ObjectPath> send(std::string_view text, std::string_view idempotency_key) const {
    return send(bus::Dict{{"text", std::string(text)}}, idempotency_key);
  }
  Result<> edit(const ObjectPath& message, std::string_view text) const;
  Result<> retract(const ObjectPath& message) const;
  Result<> react(const ObjectPath& message, std::string_view emoji, bool set) const;
  Result<> vote(const ObjectPath& message, const std::vector<std::uint32_t>& choices) const;
  Result<> mark_read(const ObjectPath& message) const;
  Result<> set_typing(bool active) const;
  // Of a group.
  Result<> add_member(const ObjectPath& contact, bool administrator) const;
  Result<> remove_member(const ObjectPath& contact) const;
  Result<> leave() const;
  Result<> rename(std::string_view name) const;
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
