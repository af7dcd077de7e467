// A household of two devices, with a friend, and a voice of the phone that says what no engine would.
#pragma once

#include "core/rows.h"
#include "support/outcome.h"
#include "support/raw_sender.h"

#include <gtest/gtest.h>

namespace bud::test {

using core::AlertKind;
using core::Table;
using wire::Register;
using wire::RegisterKind;
using wire::RegisterSync;

inline Bytes bytes(std::string_view text) {
  return Bytes(text.begin(), text.end());
}
inline Bytes bytes(const AccountId& account) {
  return Bytes(account.bytes.begin(), account.bytes.end());
}

struct TwoDevices : ::testing::Test {
  World world;
  Device* laptop = &world.add("laptop", "alice");
  Device* phone = &world.add("phone", "alice");
  Device* desktop = &world.add("desktop", "bob");
  ThreadId thread;
  crypto::SeededRandom random = crypto::SeededRandom(crypto::Secret<32>());
  std::optional<core::Session> voice;  // the phone's end of its session with the laptop

  void SetUp() override {
    ASSERT_TRUE((*laptop)->create_account("Alice"));
    ASSERT_TRUE((*desktop)->create_account("Bob"));
    world.settle();
    world.join(*laptop, *phone);
    thread = world.thread(*laptop, "spool:bob");
    ASSERT_TRUE((*laptop)->send(thread, "hello", ""));
    world.settle();
    ASSERT_TRUE((*desktop)->send(world.thread(*desktop, "spool:alice"), "hello", ""));
    world.settle();
  }

  AccountId alice() { return (*laptop)->account()->account; }
  AccountId bob() { return (*desktop)->account()->account; }
  DeviceId id(Device* d) { return (*d)->account()->device; }
  void set(Device* d, const std::string& name, std::string_view value) {
    const Result<> done = (*d)->set_setting(name, as_bytes(value));
    ASSERT_TRUE(done) << done.error().text;
  }
  std::string get(Device* d, const std::string& name) { return std::string(as_text(*(*d)->setting(name))); }
  std::size_t rows(Device* d, Table table, const core::RowKey& prefix = {}) {
    std::size_t n = 0;
    EXPECT_TRUE(d->storage.scan(table, {prefix, {}, false, SIZE_MAX}, [&](std::uint64_t, auto&&) { return ++n > 0; }));
    return n;
  }
  std::size_t kept(Device* d) { return rows(d, Table::messages, core::key::thread({})); }
  // Copies for that device since the network had this many.
  std::size_t copies_for(Device* d, std::size_t since) {
    std::size_t n = 0;
    for (std::size_t i = since; i < world.network.all_mail.size(); ++i)
      n += wire::decode_copy(world.network.all_mail[i])->header.recipient == wire::recipient_tag(id(d)) ? 1 : 0;
    return n;
  }

  // --- what no engine would write ---
  static wire::Content content_of(const AccountId& author, RegisterSync sync, std::uint8_t number) {
    wire::Content c;
    c.kind = wire::ContentKind::device_register;
    c.id.bytes[0] = number;
    c.author = author;
    c.body = std::move(sync);
    return c;
  }
  // By the phone, which is off meanwhile, to the laptop.
  Bytes sealed(const wire::Content& content) {
    phone->off = true;
    if (!voice) voice = phone->session_with(alice(), id(laptop));
    wire::Plaintext p;
    p.content = wire::encode(content);
    p.hash = wire::content_hash(p.content);
    return *core::seal(*voice, {wire::MessageClass::silent, 0, wire::recipient_tag(id(laptop)), world.clock.time},
                       wire::encode_padded(p).expose(), random);
  }
  Bytes sealed(RegisterSync sync) { return sealed(content_of(alice(), std::move(sync), ++said_)); }
  void says(RegisterSync sync) { deliver(sealed(std::move(sync))); }
  void acknowledge(std::vector<ContentHash> contents) {
    wire::Content c = content_of(alice(), {}, ++said_);
    c.kind = wire::ContentKind::receipt;
    c.body = wire::Receipt{wire::ReceiptType::delivered, std::move(contents), {}};
    deliver(sealed(c));
  }
  void deliver(Bytes copy) { ASSERT_TRUE((*laptop)->deliver("spool", {&copy, 1}, Bytes{9})); }
  Register setting(const std::string& name, std::uint64_t lamport, const std::string& value) {
    return {RegisterKind::setting, bytes(name), lamport, id(phone), bytes(value)};
  }

 private:
  std::uint8_t said_ = 0;
};

}  // namespace bud::test
