// When all is said and shown, and nothing breaks any more, one store is put back once again: so that it can be asked how
// soon two devices understand each other, and not only whether they do before the sixty days are over.
#pragma once

namespace bud::sim {

class World;

void put_one_back(World& world);

}  // namespace bud::sim
