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

std::string devices_table(const std::vector<client::Device>& devices);
// "delivered to 1 of 2 devices".
std::string progress_text(const client::Progress& progress);
// A message with its head, its lines indented; a change of state, or of a contact, as one line.
std::string lines(const client::MessageView& message, People& people);
std::string lines(const client::Event& event, People& people);

}  // namespace bud::cli
