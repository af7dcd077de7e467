// budstikke-make-vectors DIR: writes the protocol's vectors there. Nothing in them is random: another run, and another
// machine, write the same bytes (vectors_test.cpp holds the tree to it).
#include "generate.h"

#include <fstream>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: budstikke-make-vectors DIR\n";
    return 2;
  }
  for (const auto& [name, contents] : bud::vectors::all_files()) {
    std::ofstream out(std::string(argv[1]) + '/' + name, std::ios::binary | std::ios::trunc);
    out << contents;
    if (!out.flush()) {
      std::cerr << "cannot write " << name << '\n';
      return 1;
    }
  }
}
