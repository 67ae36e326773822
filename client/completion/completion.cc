// SPDX-License-Identifier: Apache-2.0
#include "client/completion/completion.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/model/capability.h"

namespace capmon {
namespace {

using Candidates = std::vector<Candidate>;

bool IsNamed(const CLI::App* command) { return !command->get_name().empty(); }

// The parsed words before the one being completed.
struct Position {
  const CLI::App* command = nullptr;      // the innermost
  const CLI::Option* value_of = nullptr;  // the next word is this option's value
  size_t arguments = 0;                   // given to the command so far
  bool only_arguments = false;            // after --
  EndpointOptions endpoint;
};

// Finds an option of this command or of an outer one, as with fallthrough().
const CLI::Option* FindOption(const CLI::App* command, const std::string& name) {
  for (; command != nullptr; command = command->get_parent())
    if (const CLI::Option* option = command->get_option_no_throw(name)) return option;
  return nullptr;
}

const CLI::App* FindCommand(const CLI::App* command, const std::string& name) {
  const auto found = command->get_subcommands(
      [&](const CLI::App* sub) { return IsNamed(sub) && sub->check_name(name); });
  return found.empty() ? nullptr : found[0];
}

bool TakesValue(const CLI::Option* option) { return option->get_items_expected_max() > 0; }

// Remembers what says where capmond is.
void TakeValue(const CLI::Option* option, const std::string& value, EndpointOptions& endpoint) {
  if (option->check_name("--address")) endpoint.address = value;
  if (option->check_name("--context")) endpoint.context = value;
  if (option->check_name("--tls-ca")) endpoint.tls.ca = value;
  if (option->check_name("--tls-cert")) endpoint.tls.certificate = value;
  if (option->check_name("--tls-key")) endpoint.tls.key = value;
}

void TakeOption(const std::string& word, Position& at) {
  const size_t equals = word.find('=');
  const CLI::Option* const option = FindOption(at.command, word.substr(0, equals));
  if (option == nullptr || !TakesValue(option)) return;
  if (equals == word.npos)
    at.value_of = option;
  else
    TakeValue(option, word.substr(equals + 1), at.endpoint);
}

void Take(const std::string& word, Position& at) {
  if (at.value_of != nullptr) {
    TakeValue(at.value_of, word, at.endpoint);
    at.value_of = nullptr;
  } else if (at.only_arguments) {
    ++at.arguments;
  } else if (word == "--") {
    at.only_arguments = true;
  } else if (word.starts_with("-") && word != "-") {
    TakeOption(word, at);
  } else if (const CLI::App* command = FindCommand(at.command, word)) {
    at.command = command;
    at.arguments = 0;
  } else {
    ++at.arguments;
  }
}

std::string OneLine(const std::string& text) { return text.substr(0, text.find('\n')); }

Candidates Commands(const CLI::App* command) {
  Candidates result;
  for (const CLI::App* sub : command->get_subcommands(IsNamed))
    if (!sub->get_group().empty())  // an empty group hides it
      result.push_back({sub->get_name(), OneLine(sub->get_description())});
  return result;
}

Candidates Options(const CLI::App* command) {
  Candidates result;
  std::set<std::string> seen;
  for (; command != nullptr; command = command->get_parent())
    for (const CLI::Option* option :
         command->get_options([](const CLI::Option* o) { return o->nonpositional(); })) {
      if (option->get_group().empty()) continue;
      const auto add = [&](const std::string& name) {
        if (seen.insert(name).second) result.push_back({name, OneLine(option->get_description())});
      };
      for (const std::string& name : option->get_snames()) add("-" + name);
      for (const std::string& name : option->get_lnames()) add("--" + name);
    }
  return result;
}

// "{a,b}" of "TEXT:{a,b}", as CLI11 describes a set of values.
Candidates SetIn(const std::string& type) {
  const size_t begin = type.find('{'), end = type.rfind('}');
  if (begin == type.npos || end == type.npos || end < begin) return {};
  Candidates result;
  const std::vector<std::string> values =
      absl::StrSplit(type.substr(begin + 1, end - begin - 1), ',');
  for (const std::string& value : values) result.push_back({value, ""});
  return result;
}

// One name, or the last name of a list; leaves out names that the list has.
Candidates CapabilityNames(const std::string& word, bool list) {
  const size_t comma = list ? word.rfind(',') : word.npos;
  const std::string before = comma == word.npos ? "" : word.substr(0, comma + 1);
  std::set<std::string> given = absl::StrSplit(absl::AsciiStrToUpper(before), ',');
  const std::string last = word.substr(before.size());
  const bool lower = !last.empty() && std::islower(static_cast<unsigned char>(last[0]));
  const bool prefixed = absl::AsciiStrToUpper(last).starts_with("CAP_");
  Candidates result;
  for (const Capability c : AllCapabilities().members()) {
    if (given.contains(ShortCapabilityName(c)) || given.contains(CapabilityName(c))) continue;
    const std::string name = prefixed ? CapabilityName(c) : ShortCapabilityName(c);
    result.push_back({before + (lower ? absl::AsciiStrToLower(name) : name), ""});
  }
  return result;
}

void Append(Candidates more, Candidates& all) {
  for (Candidate& one : more) all.push_back(std::move(one));
}

// Returns the possible values of an option; `word` is the part already typed.
Completion Values(const CLI::Option* option, const std::string& word,
                  const EndpointOptions& endpoint, const CompletionSources& sources) {
  const std::string type = option->get_type_name();
  const std::string name = option->get_name(/*positional=*/true);
  const auto is = [&](const char* what) {
    return absl::EqualsIgnoreCase(name, what) ||
           type.find(absl::AsciiStrToUpper(what)) != type.npos;
  };
  Completion result;
  if (is("container")) {
    result.candidates = sources.containers(endpoint);
  } else if (is("capabilities") || is("capability")) {
    const bool list = is("capabilities");
    result.candidates = CapabilityNames(word, list);
    result.more = list;
  } else {
    result.candidates = SetIn(type);
    if (is("context")) Append(sources.contexts(), result.candidates);
  }
  if (is("path") || is("file")) result.shells = ShellsPart::kFiles;
  if (is("command")) result.shells = ShellsPart::kCommands;
  return result;
}

// Returns the positional that takes the next argument.
const CLI::Option* NextArgument(const Position& at) {
  const auto positionals = at.command->get_options(
      [](const CLI::Option* o) { return o->get_positional() && !o->get_group().empty(); });
  size_t before = at.arguments;
  for (const CLI::Option* option : positionals) {
    const auto takes = static_cast<size_t>(std::max(option->get_items_expected_max(), 1));
    if (before < takes) return option;
    before -= takes;
  }
  return nullptr;
}

Completion Argument(const Position& at, const std::string& word, const CompletionSources& sources) {
  Completion result;
  if (const CLI::Option* next = NextArgument(at)) {
    const bool takes_command = next->get_name(true) == "command";
    // The command's own arguments after -- are mostly files.
    if (takes_command && !at.only_arguments) {
      result.candidates.push_back({"--", "The command comes next"});
    } else {
      result = Values(next, word, at.endpoint, sources);
      if (takes_command && at.arguments > 0) result.shells = ShellsPart::kFiles;
    }
  }
  if (!at.only_arguments && at.arguments == 0) Append(Commands(at.command), result.candidates);
  return result;
}

bool Plain(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("_.,:/@=+-{}").find(char(c)) != std::string_view::npos;
  });
}

// Leaves out what a shell would have to quote: a name from a container must never be executed.
void KeepFitting(const std::string& word, Candidates& candidates) {
  std::erase_if(candidates, [&](const Candidate& one) {
    return !one.text.starts_with(word) || !Plain(one.text);
  });
}

}  // namespace

Completion Complete(const CLI::App& app, const std::vector<std::string>& words,
                    const CompletionSources& sources) {
  Position at;
  at.command = &app;
  for (size_t i = 0; i + 1 < words.size(); ++i) Take(words[i], at);
  const std::string word = words.empty() ? "" : words.back();

  Completion result;
  const size_t equals = word.find('=');
  const bool option = !at.only_arguments && word.starts_with("-");
  if (at.value_of != nullptr) {
    result = Values(at.value_of, word, at.endpoint, sources);
  } else if (option && word.starts_with("--") && equals != word.npos) {
    const CLI::Option* const named = FindOption(at.command, word.substr(0, equals));
    if (named == nullptr || !TakesValue(named)) return result;
    result = Values(named, word.substr(equals + 1), at.endpoint, sources);
    for (Candidate& one : result.candidates) one.text.insert(0, word, 0, equals + 1);
  } else if (option) {
    result.candidates = Options(at.command);
  } else {
    result = Argument(at, word, sources);
  }
  KeepFitting(word, result.candidates);
  // "jsonpath=" is continued.
  result.more |= !result.candidates.empty() &&
                 std::ranges::all_of(result.candidates,
                                     [](const Candidate& one) { return one.text.ends_with('='); });
  return result;
}

std::string CompletionText(const Completion& completion) {
  std::string text;
  for (const Candidate& one : completion.candidates) {
    absl::StrAppend(&text, one.text);
    if (!one.description.empty()) absl::StrAppend(&text, "\t", one.description);
    text += '\n';
  }
  if (completion.shells == ShellsPart::kFiles) text += ":files\n";
  if (completion.shells == ShellsPart::kCommands) text += ":commands\n";
  if (completion.more) text += ":more\n";
  return text;
}

}  // namespace capmon
