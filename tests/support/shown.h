// A thread as a device shows it, in words: two devices that show the same give the same text, byte for byte.
#pragma once

#include "support/world.h"

namespace bud::test {

// What belongs to a device or to an own account alone (deliveries, who has read) is left out.
inline std::string shown(const core::MessageInfo& m) {
  std::string out = std::to_string(m.lamport) + " " + to_hex(m.author.view().first(4)) + " " + to_hex(m.id.view().first(4)) +
                    " kind " + std::to_string(static_cast<int>(m.kind)) + ": " + m.text;
  for (const core::TextStyle& s : m.styles)
    out += " {" + std::to_string(s.start) + "+" + std::to_string(s.length) + " " + std::to_string(s.style) + " " + s.argument + "}";
  if (m.edited) out += " (edited)";
  if (m.retracted) out += " (retracted)";
  if (m.reply) out += " > " + to_hex(m.reply->id.view().first(4)) + " " + m.reply->excerpt;
  for (const core::ReactionInfo& r : m.reactions) {
    out += " " + r.emoji;
    for (const AccountId& a : r.accounts) out += " " + to_hex(a.view().first(4));
  }
  if (m.poll)
    for (std::size_t i = 0; i < m.poll->options.size(); ++i) {
      out += " [" + m.poll->options[i];
      for (const AccountId& a : m.poll->votes[i]) out += " " + to_hex(a.view().first(4));
      out += "]";
    }
  if (m.card) out += " card " + to_hex(m.card->account.view().first(4)) + " " + m.card->name;
  for (const core::ChangeInfo& c : m.changes)
    out += " change " + std::to_string(static_cast<int>(c.kind)) + " " + to_hex(c.account.view().first(4)) + " " + c.name;
  if (m.missing > 0) out += " after " + std::to_string(m.missing) + " missing";
  if (m.expire > 0) out += " expires";
  return out;
}

// Oldest first.
inline std::vector<std::string> shown(Device& device, const ThreadId& thread) {
  std::vector<std::string> out;
  auto messages = device->messages(thread, 0, 10'000);
  if (!messages) return {messages.error().text};
  for (const core::MessageInfo& m : *messages) out.insert(out.begin(), shown(m));
  return out;
}

}  // namespace bud::test
