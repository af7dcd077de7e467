// org.budstikke.Message1, for all messages: none is kept or listed, each answers at its path.
#pragma once

#include "service/context.h"

namespace bud::service {

class Messages {
 public:
  static constexpr const char* interface = "org.budstikke.Message1";
  static const sd_bus_vtable vtable[];

  explicit Messages(Context& context) : context_(context) {}
  [[nodiscard]] Result<> serve();

 private:
  bool exists(std::string_view path) const;
  Result<core::MessageInfo> at(std::string_view path) const;
  Result<Progress> progress_at(std::string_view path) const;
  Result<> thread(bus::Writer& out, std::string_view path) const;
  Result<> author(bus::Writer& out, std::string_view path) const;
  Result<> own(bus::Writer& out, std::string_view path) const;
  Result<> time(bus::Writer& out, std::string_view path) const;
  Result<> text(bus::Writer& out, std::string_view path) const;
  Result<> content(bus::Writer& out, std::string_view path) const;
  Result<> state(bus::Writer& out, std::string_view path) const;
  Result<> delivered_to(bus::Writer& out, std::string_view path) const;
  Result<> total(bus::Writer& out, std::string_view path) const;
  Result<> devices(bus::Writer& out, std::string_view path) const;
  Result<> files(bus::Writer& out, std::string_view path) const;
  Result<Files::Moved> moved_at(std::string_view path) const;
  Result<> bytes_done(bus::Writer& out, std::string_view path) const;
  Result<> bytes_total(bus::Writer& out, std::string_view path) const;

  Context& context_;
  bus::Slot objects_;
};

}  // namespace bud::service
