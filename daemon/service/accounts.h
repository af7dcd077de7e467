// org.budstikke.Accounts1: making an account, and joining one.
#pragma once

#include "service/context.h"

namespace bud::service {

class Accounts {
 public:
  static constexpr const char* interface = "org.budstikke.Accounts1";
  static const sd_bus_vtable vtable[];

  explicit Accounts(Context& context) : context_(context) {}
  [[nodiscard]] Result<> serve();

 private:
  Result<> create(bus::Call& call, bus::Writer& out);
  Result<> recovery_words(bus::Call& call, bus::Writer& out);
  Result<> recovery_words_kept(bus::Call& call, bus::Writer& out);
  Result<> join(bus::Call& call, bus::Writer& out);
  Result<> join_status(bus::Call& call, bus::Writer& out);
  Result<> confirm_join(bus::Call& call, bus::Writer& out);
  Result<> cancel_join(bus::Call& call, bus::Writer& out);
  Result<> check_account(bus::Call& call);

  Context& context_;
  bus::Slot object_;
};

}  // namespace bud::service
