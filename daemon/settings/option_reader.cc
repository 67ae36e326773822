// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/option_reader.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "common/address.h"
#include "common/listen_address.h"
#include "common/tcp_address.h"
#include "daemon/settings/value_forms.h"

namespace capmon {
namespace {

using Form = Option::Form;

std::string ExampleValue(const Option& option) {
  return option.example.empty() ? AsYaml(option, Config()) : option.example;
}

bool HasForm(const Option& option, const std::string& text) {
  const bool absolute = text.starts_with('/');
  switch (option.form) {
    case Form::kAddress: return SocketPath(text).ok();
    case Form::kListen: return ParseListenAddress(text).ok();
    case Form::kNewFile: return absolute || (option.key == "alert_file" && text == "-");
    case Form::kPathOrNone:
    case Form::kPathsOrNone: return absolute || text == "none";
    case Form::kFile:
    case Form::kDirectory: return absolute;
    case Form::kTcpAddress: return ParseTcpAddress(text).ok();
    default: return true;
  }
}

// Reports a text that the option does not accept.
bool Accept(const Option& option, const std::string& text, TextPlace place, SectionReader& top) {
  if (!HasForm(option, text)) {
    top.Fail(place, absl::StrCat(option.key, " takes ", Accepts(option), ", not ", InQuotes(text),
                                 "; write \"", ExampleOf(option), "\""));
    return false;
  }
  if (option.form == Form::kNewFile && text != "-")
    return CheckNewFile(option.key, text, place, top.context());
  const HostFacts& host = top.context().host;
  const std::string problem = option.form == Form::kFile        ? host.file_problem(text)
                              : option.form == Form::kDirectory ? host.directory_problem(text)
                                                                : "";
  if (problem.empty()) return true;
  top.Fail(place, absl::StrCat(option.key, ": capmond cannot use ", InQuotes(text), ": ", problem,
                               "; create it, name another one, or remove the line for the "
                               "default"));
  return false;
}

bool ReadText(const Option& option, std::string Config::*into, SectionReader& top, Config& config) {
  const char* const key = option.key.c_str();
  if (option.form == Form::kWord) {
    const auto chosen = top.Word(key, option.words);
    if (chosen) config.*into = option.words[*chosen];
    return chosen.has_value();
  }
  std::string text;
  if (!top.Text(key, text, ExampleValue(option))) return false;
  if (!Accept(option, text, top.map().At(key).place, top)) return false;
  config.*into = text;
  return true;
}

bool ReadList(const Option& option, std::vector<std::string> Config::*into, SectionReader& top,
              Config& config) {
  std::vector<std::string> texts;
  if (!top.Texts(option.key.c_str(), texts, ExampleValue(option))) return false;
  const YamlValue& value = top.map().At(option.key);
  for (size_t i = 0; i < texts.size(); ++i)
    if (!Accept(option, texts[i], value.is_list() ? value.items[i].place : value.place, top))
      return false;
  if (option.form == Form::kPathsOrNone && texts.size() > 1 &&
      std::ranges::find(texts, "none") != texts.end()) {
    top.Fail(value.place, absl::StrCat(option.key, " has none beside other paths; write \"",
                                       option.key, ": none\" or only paths"));
    return false;
  }
  config.*into = std::move(texts);
  return true;
}

template <typename Number>
bool ReadNumber(const Option& option, Number Config::*into, SectionReader& top, Config& config) {
  const std::string example = ExampleValue(option);
  if (option.form == Form::kSeconds) {
    using std::chrono::seconds;
    std::chrono::milliseconds time(0);
    if (!top.Time(option.key.c_str(), seconds(option.least), seconds(option.most), time, example))
      return false;
    config.*into = static_cast<Number>(std::chrono::duration_cast<seconds>(time).count());
    return true;
  }
  int64_t number = 0;
  if (!top.Number(option.key.c_str(), option.least, option.most, number, example)) return false;
  config.*into = static_cast<Number>(number);
  return true;
}

}  // namespace

bool ReadOption(const Option& option, SectionReader& top, Config& config) {
  struct Reader {
    const Option& option;
    SectionReader& top;
    Config& config;
    bool operator()(std::string Config::*into) const { return ReadText(option, into, top, config); }
    bool operator()(std::vector<std::string> Config::*into) const {
      return ReadList(option, into, top, config);
    }
    bool operator()(int64_t Config::*into) const { return ReadNumber(option, into, top, config); }
    bool operator()(uint32_t Config::*into) const { return ReadNumber(option, into, top, config); }
    bool operator()(bool Config::*into) const {
      return top.Switch(option.key.c_str(), config.*into);
    }
  };
  return std::visit(Reader{option, top, config}, option.member);
}

}  // namespace capmon
