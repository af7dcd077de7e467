// org.budstikke.Message1.
#pragma once

#include "client/connection.h"
#include "client/types.h"

namespace bud::client {

class Message : public Proxy {
 public:
  Message(Connection& connection, const ObjectPath& path);

  Result<MessageView> view() const;
  Result<std::vector<Copy>> copies() const;
  Result<std::vector<FileView>> files() const;
  // A change of its state wakes the connection's wait.
  Result<> wake_on_change() const { return wake_on_properties(); }
};

}  // namespace bud::client
