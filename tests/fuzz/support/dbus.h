// D-Bus out of an input: arguments of any signature, and two ends of a connection in one loop.
#pragma once

#include "bus/bus.h"
#include "fuzz/support/feed.h"

#include <systemd/sd-bus-vtable.h>

namespace bud::fuzz {

// Words that an input can use without spelling them.
struct Vocabulary {
  std::vector<std::string> texts;
  std::vector<std::string> paths;
  std::vector<Bytes> blobs;
};

// Appends what the signature asks for. Dictionaries may say a thing twice, lists and texts may be long: all that sd-bus
// lets anybody send.
void append(sd_bus_message* to, std::string_view signature, Feed& feed, const Vocabulary& words);
// Mostly `wanted`; now and then another.
std::string any_signature(Feed& feed, const char* wanted);

// What a vtable offers.
struct Member {
  std::string interface, name, in, out;
  bool property = false;
};
std::vector<Member> members_of(const char* interface, const sd_bus_vtable* vtable);

// The two ends; what is called server lets the other speak first.
struct Peers {
  bus::Bus server, client;
};
Peers connect(bus::Event& event);

// Runs all that is due now. False once the loop has been told to end.
bool drain(bus::Event& event);

// Calls with arguments out of the input, and waits for the answer: it is what the member declares, or one of the
// daemon's own errors, in words. Now and then another signature is sent than the member takes, and the bus says so.
// `waits`: nothing has happened for as long as `patience`; `gone`: the connection has, or the loop has ended.
enum class Outcome { answered, waits, gone };
Outcome checked_call(bus::Event& event, bus::Bus& from, const std::string& path, const Member& member, Feed& feed,
                     const Vocabulary& words, Duration patience = seconds(15));

}  // namespace bud::fuzz
