// org.budstikke.Thread1, for all threads.
#pragma once

#include "service/context.h"

namespace bud::service {

class Threads {
 public:
  static constexpr const char* interface = "org.budstikke.Thread1";
  static const sd_bus_vtable vtable[];

  explicit Threads(Context& context) : context_(context) {}
  [[nodiscard]] Result<> serve();

 private:
  bool exists(std::string_view path) const;
  Result<ThreadId> id(std::string_view path) const;
  Result<core::ThreadInfo> at(std::string_view path) const;
  Result<> members(bus::Writer& out, std::string_view path) const;
  Result<> name(bus::Writer& out, std::string_view path) const;
  Result<> unread(bus::Writer& out, std::string_view path) const;
  Result<> muted_until(bus::Writer& out, std::string_view path) const;
  Result<> pinned(bus::Writer& out, std::string_view path) const;
  Result<> archived(bus::Writer& out, std::string_view path) const;
  Result<> draft(bus::Writer& out, std::string_view path) const;
  Result<> send(bus::Call& call, bus::Writer& out);
  Result<> messages(bus::Call& call, bus::Writer& out);
  Result<> set_muted(bus::Call& call, bus::Writer& out);
  Result<> set_pinned(bus::Call& call, bus::Writer& out);
  Result<> set_archived(bus::Call& call, bus::Writer& out);
  Result<> set_draft(bus::Call& call, bus::Writer& out);
  Result<> send_file(bus::Call& call, bus::Reply& reply);
  Result<> open_file(bus::Call& call, bus::Writer& out);

  Context& context_;
  bus::Slot objects_, list_;
};

}  // namespace bud::service
