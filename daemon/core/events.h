// The durable inbox that clients fetch from: events in the order in which they were committed, kept until there are too
// many.
#pragma once

#include "core/context.h"

namespace bud::core {

class Events {
 public:
  explicit Events(Context& context) : context_(context) {}
  [[nodiscard]] Result<> add(EventKind kind, const MessageId& message, const AccountId& contact);
  // Rows after a cursor; the caller fills in what they name.
  [[nodiscard]] Result<std::vector<std::pair<std::uint64_t, EventRow>>> after(std::uint64_t cursor, std::size_t max);
  [[nodiscard]] Result<std::uint64_t> last();
  [[nodiscard]] Result<std::uint64_t> cursor(const std::string& client);
  [[nodiscard]] Result<> acknowledge(const std::string& client, std::uint64_t cursor);

 private:
  [[nodiscard]] Result<> room_for_client();
  Context& context_;
};

}  // namespace bud::core
