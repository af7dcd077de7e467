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
  Result<> group(bus::Writer& out, std::string_view path) const;
  Result<> in(bus::Writer& out, std::string_view path) const;
  Result<> administrators(bus::Writer& out, std::string_view path) const;
  Result<> policy(bus::Writer& out, std::string_view path) const;
  Result<> muted_until(bus::Writer& out, std::string_view path) const;
  Result<> pinned(bus::Writer& out, std::string_view path) const;
  Result<> archived(bus::Writer& out, std::string_view path) const;
  Result<> draft(bus::Writer& out, std::string_view path) const;
  Result<> messages(bus::Call& call, bus::Writer& out);
  Result<> set_muted(bus::Call& call, bus::Writer& out);
  Result<> set_pinned(bus::Call& call, bus::Writer& out);
  Result<> set_archived(bus::Call& call, bus::Writer& out);
  Result<> set_draft(bus::Call& call, bus::Writer& out);

  // thread_said.cpp
  // The message that is named next, and that is of the thread which the call is for.
  Result<MessageId> read_message(bus::Call& call) const;
  Result<core::SendOptions> read_send_options(const bus::Dict& content, const bus::Dict& options) const;
  Result<> send(bus::Call& call, bus::Writer& out);
  Result<> edit(bus::Call& call, bus::Writer& out);
  Result<> retract(bus::Call& call, bus::Writer& out);
  Result<> react(bus::Call& call, bus::Writer& out);
  Result<> vote(bus::Call& call, bus::Writer& out);
  Result<> mark_read(bus::Call& call, bus::Writer& out);
  Result<> set_typing(bus::Call& call, bus::Writer& out);
  // The account that is named next, contact or not.
  Result<AccountId> read_person(bus::Call& call) const;
  Result<> add_member(bus::Call& call, bus::Writer& out);
  Result<> remove_member(bus::Call& call, bus::Writer& out);
  Result<> leave(bus::Call& call, bus::Writer& out);
  Result<> rename(bus::Call& call, bus::Writer& out);

  Context& context_;
  bus::Slot objects_, list_;
};

}  // namespace bud::service
