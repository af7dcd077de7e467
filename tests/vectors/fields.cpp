#include "fields.h"

namespace bud::vectors {
namespace {

Json openings(const std::vector<wire::AddressOpening>& all) {
  return list(all, [](const wire::AddressOpening& o) {
    return Json::object().set("address", Json::text(o.address)).set("opening", Json::hex(o.opening));
  });
}

struct BodyFields {
  // What stands in bodies.
  Json operator()(const wire::Target& t) const {
    return Json::object().set("id", Json::hex(t.id)).set("hash", Json::hex(t.hash));
  }
  Json operator()(const wire::Blob& b) const {
    return Json::object()
        .set("key", Json::hex(b.key))
        .set("hash", Json::hex(b.hash))
        .set("size", Json::number(b.size))
        .set("locations", list(b.locations, [](const std::string& l) { return Json::text(l); }))
        .set("inlined", Json::hex(b.inlined));
  }
  Json operator()(const wire::File& f) const {
    return Json::object()
        .set("blob", (*this)(f.blob))
        .set("name", Json::text(f.name))
        .set("media_type", Json::text(f.media_type))
        .set("width", Json::number(f.width))
        .set("height", Json::number(f.height))
        .set("duration_ms", Json::number(f.duration_ms))
        .set("voice", Json::flag(f.voice))
        .set("thumbnail", Json::hex(f.thumbnail));
  }
  Json operator()(const wire::Register& r) const {
    return Json::object()
        .set("kind", Json::number(static_cast<std::uint8_t>(r.kind)))
        .set("subject", Json::hex(r.subject))
        .set("lamport", Json::number(r.lamport))
        .set("device", Json::hex(r.device))
        .set("value", Json::hex(r.value));
  }
  // The bodies.
  Json operator()(const wire::Text& t) const {
    return Json::object().set("text", Json::text(t.text)).set("ranges", list(t.ranges, [](const wire::TextRange& r) {
                                                                return Json::object()
                                                                    .set("start", Json::number(r.start))
                                                                    .set("length", Json::number(r.length))
                                                                    .set("style", Json::number(r.style))
                                                                    .set("argument", Json::text(r.argument));
                                                              }));
  }
  Json operator()(const wire::Receipt& r) const {
    return Json::object()
        .set("type", Json::number(static_cast<std::uint8_t>(r.type)))
        .set("contents", hex_list(r.contents))
        .set("marks", list(r.marks, [](const wire::ReadMark& m) {
               return Json::object().set("thread", Json::hex(m.thread)).set("lamport", Json::number(m.lamport));
             }));
  }
  Json operator()(const wire::Edit& e) const {
    return Json::object().set("target", (*this)(e.target)).set("text", (*this)(e.text));
  }
  Json operator()(const wire::Retraction& r) const { return Json::object().set("target", (*this)(r.target)); }
  Json operator()(const wire::Reaction& r) const {
    return Json::object()
        .set("target", (*this)(r.target))
        .set("emoji", Json::text(r.emoji))
        .set("set", Json::flag(r.set));
  }
  Json operator()(const wire::Typing& t) const { return Json::object().set("active", Json::flag(t.active)); }
  Json operator()(const wire::Attachment& a) const {
    return Json::object()
        .set("caption", (*this)(a.caption))
        .set("files", list(a.files, *this));
  }
  Json operator()(const wire::Poll& p) const {
    return Json::object()
        .set("question", Json::text(p.question))
        .set("options", list(p.options, [](const std::string& o) { return Json::text(o); }))
        .set("multiple", Json::flag(p.multiple));
  }
  Json operator()(const wire::Vote& v) const {
    return Json::object()
        .set("target", (*this)(v.target))
        .set("choices", list(v.choices, [](std::uint8_t c) { return Json::number(c); }));
  }
  Json operator()(const wire::Sticker& s) const {
    return Json::object()
        .set("blob", (*this)(s.blob))
        .set("emoji", Json::text(s.emoji))
        .set("pack", Json::text(s.pack));
  }
  Json operator()(const wire::ContactCard& c) const {
    return Json::object()
        .set("account", Json::hex(c.account))
        .set("name", Json::text(c.name))
        .set("addresses", list(c.addresses, [](const std::string& a) { return Json::text(a); }));
  }
  Json operator()(const wire::ThreadChange& c) const {
    return Json::object()
        .set("asks", Json::flag(c.asks))
        .set("entries", hex_list(c.entries))
        .set("proofs", hex_list(c.proofs));
  }
  Json operator()(const wire::RegisterSync& s) const {
    return Json::object()
        .set("state", Json::hex(s.state))
        .set("asks", Json::flag(s.asks))
        .set("registers", list(s.registers, *this));
  }
  Json operator()(const wire::History& h) const {
    return Json::object().set("asked", hex_list(h.asked)).set("refused", hex_list(h.refused)).set("told", hex_list(h.told));
  }
  Json operator()(const wire::DecryptError& e) const {
    return Json::object().set("envelopes", hex_list(e.envelopes)).set("bundle", fields(e.bundle));
  }
  Json operator()(const wire::Nothing&) const { return Json::object(); }
  Json operator()(const wire::JoinOffer& o) const {
    return Json::object()
        .set("account", Json::hex(o.account))
        .set("digest", Json::hex(o.digest))
        .set("parent", Json::hex(o.parent))
        .set("nonce", Json::hex(o.nonce))
        .set("commitment", Json::hex(o.commitment));
  }
  Json operator()(const wire::JoinReveal& j) const { return Json::object().set("nonce", Json::hex(j.nonce)); }
  Json operator()(const wire::JoinCosignature& j) const {
    return Json::object().set("signature", Json::hex(j.signature));
  }
  Json operator()(const wire::JoinWelcome& j) const {
    return Json::object()
        .set("entries", hex_list(j.entries))
        .set("name", Json::text(j.name))
        .set("openings", openings(j.openings));
  }
  Json operator()(const wire::UnknownBody& u) const { return Json::object().set("bytes", Json::hex(u.bytes)); }
};

}  // namespace

Json fields(const wire::EntryBody& b) {
  using enum wire::EntryKind;
  Json out = Json::object();
  out.set("kind", Json::number(static_cast<std::uint8_t>(b.kind)))
      .set("account", Json::hex(b.account))
      .set("prev", Json::hex(b.prev))
      .set("signer", Json::hex(b.signer))
      .set("time", Json::number(b.time.ms));
  if (b.kind == genesis) out.set("nonce", Json::hex(b.nonce)).set("recovery", Json::hex(b.recovery));
  if (b.kind == add) out.set("role", Json::number(static_cast<std::uint8_t>(b.role)));
  if (b.kind == genesis || b.kind == add || b.kind == handover)
    out.set("key", Json::hex(b.key))
        .set("identity", Json::hex(b.identity))
        .set("cosignature", Json::hex(b.cosignature));
  if (b.kind == revoke) out.set("key", Json::hex(b.key)).set("keep", hex_list(b.keep));
  if (b.kind == claim) out.set("blinded", Json::hex(b.blinded));
  if (b.kind == release) out.set("released", Json::hex(b.released));
  return out;
}

Json fields(const wire::RosterBody& b) {
  using enum wire::RosterKind;
  Json out = Json::object();
  out.set("kind", Json::number(static_cast<std::uint8_t>(b.kind)))
      .set("group", Json::hex(b.group))
      .set("prev", Json::hex(b.prev))
      .set("author", Json::hex(b.author))
      .set("seat", Json::hex(b.seat))
      .set("time", Json::number(b.time.ms));
  const auto right = [&](const char* name, wire::Right r) { out.set(name, Json::number(static_cast<std::uint8_t>(r))); };
  if (b.kind == genesis) {
    out.set("nonce", Json::hex(b.nonce));
    right("add", b.policy.add);
    right("remove", b.policy.remove);
    right("rename", b.policy.rename);
    right("post", b.policy.post);
    out.set("name", Json::text(b.name)).set("address", Json::text(b.address)).set("members", list(b.members, [](const wire::FirstMember& m) {
      return Json::object().set("account", Json::hex(m.account)).set("address", Json::text(m.address));
    }));
  }
  if (b.kind == rename) out.set("number", Json::number(b.number)).set("name", Json::text(b.name));
  if (b.kind == add || b.kind == remove)
    out.set("account", Json::hex(b.account)).set("account_seat", Json::hex(b.account_seat));
  if (b.kind == add)
    out.set("role", Json::number(static_cast<std::uint8_t>(b.role))).set("address", Json::text(b.address));
  if (b.kind == remove) out.set("keep", hex_list(b.keep));
  return out;
}

Json fields(const wire::PrekeyBundle& b) {
  return Json::object()
      .set("id", Json::number(b.id))
      .set("time", Json::number(b.time.ms))
      .set("dh", Json::hex(b.dh))
      .set("kem", Json::hex(b.kem));
}

Json fields(const wire::Route& r) {
  return Json::object().set("address", Json::text(r.address)).set("device", Json::text(r.device));
}

Json fields(const wire::Content& c) {
  Json out = Json::object();
  out.set("kind", Json::number(static_cast<std::uint16_t>(c.kind)))
      .set("id", Json::hex(c.id))
      .set("thread", Json::hex(c.thread))
      .set("author", Json::hex(c.author))
      .set("to", hex_list(c.to))
      .set("time", Json::number(c.time.ms))
      .set("lamport", Json::number(c.lamport))
      .set("from", Json::text(c.from_address))
      .set("to_address", Json::text(c.to_address))
      .set("previous", list(c.previous, [](const wire::Previous& p) {
             return Json::object().set("hash", Json::hex(p.hash)).set("author", Json::hex(p.author));
           }))
      .set("roster", Json::hex(c.roster))
      .set("expire", Json::number(c.expire));
  if (c.reply)
    out.set("reply", Json::object()
                         .set("id", Json::hex(c.reply->id))
                         .set("hash", Json::hex(c.reply->hash))
                         .set("author", Json::hex(c.reply->author))
                         .set("excerpt", Json::text(c.reply->excerpt)));
  return out.set("fallback", Json::text(c.fallback))
      .set("needs", Json::flag(c.needs))
      .set("body", std::visit(BodyFields{}, c.body));
}

Json fields(const wire::Gossip& g) {
  Json out = Json::object();
  out.set("mine", Json::hex(g.mine))
      .set("yours", Json::hex(g.yours))
      .set("yours_sequence", Json::number(g.yours_sequence))
      .set("features", Json::number(g.features))
      .set("counter", Json::number(g.counter))
      .set("seen", Json::number(g.seen_counter))
      .set("members", list(g.members, [](const wire::MemberDigest& m) {
             return Json::object().set("account", Json::hex(m.account)).set("digest", Json::hex(m.digest));
           }));
  if (g.personal) out.set("personal", fields(*g.personal));
  if (g.introduction)
    out.set("introduction",
            Json::object()
                .set("entries", hex_list(g.introduction->entries))
                .set("openings", openings(g.introduction->openings))
                .set("routes", list(g.introduction->routes, [](const wire::Route& r) { return fields(r); }))
                .set("name", Json::text(g.introduction->name)));
  return out;
}

Json fields(const wire::Header& h) {
  Json out = Json::object();
  out.set("class", Json::number(static_cast<std::uint8_t>(h.message_class)))
      .set("ttl", Json::number(h.ttl))
      .set("recipient", Json::hex(h.recipient))
      .set("session", Json::hex(h.session))
      .set("ratchet", Json::hex(h.ratchet))
      .set("pn", Json::number(h.previous))
      .set("number", Json::number(h.number));
  if (h.handshake)
    out.set("handshake", Json::object()
                             .set("prekey", Json::number(h.handshake->prekey))
                             .set("ct", Json::hex(h.handshake->kem))
                             .set("admission", Json::hex(h.handshake->admission))
                             .set("sealed", Json::hex(h.handshake->sealed_identity)));
  if (h.answer)
    out.set("answer",
            Json::object().set("id", Json::hex(h.answer->id)).set("ciphertext", Json::hex(h.answer->ciphertext)));
  if (h.offer) out.set("offer", Json::object().set("id", Json::hex(h.offer->id)).set("key", Json::hex(h.offer->key)));
  return out;
}

}  // namespace bud::vectors
