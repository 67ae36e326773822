// SPDX-License-Identifier: Apache-2.0
// What may come next on a command line: found by walking the commands and options there are, so
// that a new one is completed without an edit here. The shells ask through `capmon __complete`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "CLI/App.hpp"

namespace capmon {

struct Candidate {
  std::string text;
  std::string description;  // one line, may be empty

  friend bool operator==(const Candidate&, const Candidate&) = default;
};
// What the shell adds to the candidates by itself.
enum class ShellsPart { kNothing, kFiles, kCommands };

struct Completion {
  std::vector<Candidate> candidates;
  ShellsPart shells = ShellsPart::kNothing;
  bool more = false;  // the word may go on after a candidate: no blank
};

// Names to offer for a container, asked only where one can stand. `address` is what the command
// line says with --address, or empty.
using ContainerNames = std::function<std::vector<Candidate>(const std::string& address)>;

// `words` begins after the program's name; the last one, perhaps empty, is being written. What an
// argument takes is given by its name or type: "container", CONTAINER, "capability", CAPABILITIES,
// FILE, PATH, "command", or a set like {json,table}.
Completion Complete(const CLI::App& app, const std::vector<std::string>& words,
                    const ContainerNames& containers);

// As the shells' scripts read it: "text<TAB>description" a line, then ":files", ":commands",
// ":more".
std::string CompletionText(const Completion& completion);

}  // namespace capmon
