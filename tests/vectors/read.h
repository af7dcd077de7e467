// The files of vectors, as they stand in the tree.
#pragma once

#include "base/environment.h"
#include "json.h"
#include "support/outcome.h"
#include "support/scratch_folder.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace bud::vectors {

using Value = rapidjson::Value;

inline rapidjson::Document load(const std::string& name) {
  const Bytes bytes = test::read_file(std::string(BUD_SOURCE_DIR) + "/tests/vectors/" + name);
  rapidjson::Document d;
  d.Parse(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (d.HasParseError()) throw std::runtime_error(name + " is no JSON");
  return d;
}

inline std::string text(const Value& v) {
  return {v.GetString(), v.GetStringLength()};
}
inline Bytes hex(const Value& v) {
  return from_hex(text(v)).value();
}
template <class F>
F fixed(const Value& v) {
  return F::from(hex(v)).value();
}

// What was decoded, field by field, is what the file says.
inline bool same(const Json& decoded, const Value& expected) {
  rapidjson::Document d;
  const std::string dumped = decoded.dump();
  d.Parse(dumped.data(), dumped.size());
  return !d.HasParseError() && d == expected;
}

inline Errc reason(const Value& refused) {
  const std::string r = text(refused["reason"]);
  for (const auto& [name, code] : {std::pair<const char*, Errc>{"malformed", Errc::malformed},
                                   {"bad_key", Errc::bad_key},
                                   {"bad_signature", Errc::bad_signature},
                                   {"cannot_open", Errc::cannot_open}})
    if (r == name) return code;
  throw std::runtime_error("no such reason: " + r);
}

// Hands out what a file says was drawn.
class Scripted final : public Random {
 public:
  Scripted& then(Bytes draw) {
    draws_.push_back(std::move(draw));
    return *this;
  }
  void fill(ByteSpan out) override {
    ASSERT_LT(next_, draws_.size());
    ASSERT_EQ(out.size(), draws_[next_].size());
    std::copy(draws_[next_].begin(), draws_[next_].end(), out.begin());
    ++next_;
  }
  bool used_up() const { return next_ == draws_.size(); }

 private:
  std::vector<Bytes> draws_;
  std::size_t next_ = 0;
};

}  // namespace bud::vectors
