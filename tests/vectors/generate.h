// What the files of vectors hold, as text; the same whenever and wherever it is called. README.md says what each is.
#pragma once

#include "json.h"

#include <map>

namespace bud::vectors {

// Of one file each, by object.
Json codec();
Json hashes();
Json entries();
Json rosters();
Json records();
Json padding();
Json content();
// By derivation.
Json handshake();
Json ratchet();
Json copies();
Json joining();

// File name -> contents.
std::map<std::string, std::string> all_files();

// Ends the program: a vector that the program making it does not believe is none.
void require(bool holds, const char* what);

}  // namespace bud::vectors
