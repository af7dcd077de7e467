// The daemon's values as JSON objects and as lines: one place, so that a thing has the same fields wherever it is
// shown.
#pragma once

#include "cli/json.h"
#include "cli/people.h"
#include "client/types.h"

namespace bud::cli {

void write(Json& json, const client::FileView& file);
void write(Json& json, const client::Device& device);
void write(Json& json, const client::ContactView& contact);
void write(Json& json, const client::ThreadView& thread);
void write(Json& json, const client::MessageView& message, People& people);
void write(Json& json, const client::Event& event, People& people);
void write(Json& json, const client::Alert& alert);
void write(Json& json, const client::JoinStatus& status);
void write(Json& json, const client::JoinRequest& request);
void write(Json& json, const client::Bridge& bridge);

// An account in JSON: a contact's id, or "you".
std::string account_word(const client::ObjectPath& path);
std::string devices_table(const std::vector<client::Device>& devices);
// "delivered to 1 of 2 devices".
std::string progress_text(const client::Progress& progress);
// A message with its head, its lines indented by four; what the program itself says of it by two. `ids`: with its id in
// the head, by which other commands name it. (render_message.cpp)
std::string lines(const client::MessageView& message, People& people, bool ids = false);
// The same; a change of state, or of a contact, as one line.
std::string lines(const client::Event& event, People& people, bool ids = false);
// The fields of a message, in an object that is begun already.
void write_fields(Json& json, const client::MessageView& message, People& people);
void write_fields(Json& json, const client::Progress& progress);

}  // namespace bud::cli
