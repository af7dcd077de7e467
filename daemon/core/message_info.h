// A content as clients are shown it: plain values, folded from the content and from what later ones say of it.
#pragma once

#include "core/model.h"
#include "wire/content.h"

namespace bud::core {

[[nodiscard]] FileInfo file_info(const wire::File& file);

// All that the content itself says.
[[nodiscard]] MessageInfo describe_content(const wire::Content& content);

// What a later content says of it: an edit or a retraction where its author's account wrote it, a reaction, a vote. To be
// called in the thread's order, so that the newest stands last, whatever the order of arrival.
void apply_related(MessageInfo& info, const wire::Content& later);

}  // namespace bud::core
