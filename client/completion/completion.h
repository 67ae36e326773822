// SPDX-License-Identifier: Apache-2.0
// Computes the candidates for the next word of a command line, from the commands and options of
// CLI11: a new option needs no change here. The shells call it through `capmon __complete`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "client/rpc/endpoint.h"

namespace capmon {

struct Candidate {
  std::string text;
  std::string description;  // one line, may be empty

  friend bool operator==(const Candidate&, const Candidate&) = default;
};
// What the shell adds to the candidates.
enum class ShellsPart { kNothing, kFiles, kCommands };

struct Completion {
  std::vector<Candidate> candidates;
  ShellsPart shells = ShellsPart::kNothing;
  bool more = false;  // a candidate may continue: the shell adds no blank
};

// Names that are not known here; called only where one is possible.
struct CompletionSources {
  // `given`: the options that say where capmond is.
  std::function<std::vector<Candidate>(const EndpointOptions& given)> containers;
  std::function<std::vector<Candidate>()> contexts;
};

// `words` begins after the program's name; the last word, perhaps empty, is completed. The kind of
// an argument is given by its name or type: "container", CONTAINER, CONTEXT, "capability",
// CAPABILITIES, FILE, PATH, "command", or a set like {json,table}.
Completion Complete(const CLI::App& app, const std::vector<std::string>& words,
                    const CompletionSources& sources);

// Renders the completion for the scripts: "text<TAB>description" per line, then ":files",
// ":commands", ":more".
std::string CompletionText(const Completion& completion);

}  // namespace capmon
