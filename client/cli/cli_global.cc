// SPDX-License-Identifier: Apache-2.0
#include "client/cli/cli_global.h"

#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "CLI/CLI.hpp"
#include "client/render/document_template.h"

namespace capmon {
namespace {

const std::map<std::string, Format> kFormats = {
    {"table", Format::kTable},     {"wide", Format::kWide}, {"json", Format::kJson},
    {"jsonl", Format::kJsonLines}, {"yaml", Format::kYaml}, {"matrix", Format::kMatrix},
    {"name", Format::kName},       {"csv", Format::kCsv},   {"sarif", Format::kSarif},
    {"junit", Format::kJunit}};

constexpr std::string_view kJsonPath = "jsonpath=";
constexpr std::string_view kCustomColumns = "custom-columns=";

// "{json,table}": for completion.
std::string Choices() {
  std::string names;
  for (const auto& [name, format] : kFormats) names += name + ",";
  return "{" + names + std::string(kJsonPath) + "," + std::string(kCustomColumns) + "}";
}

// kubectl also takes "-o=json".
std::string FormatText(const std::string& given) {
  return given.starts_with('=') ? given.substr(1) : given;
}

std::string FaultOfFormat(const std::string& given) {
  const std::string value = FormatText(given);
  if (kFormats.contains(value) || value.starts_with(kJsonPath) || value.starts_with(kCustomColumns))
    return "";
  return "takes table, wide, json, jsonl, yaml, jsonpath=TEMPLATE or "
         "custom-columns=TITLE:PATH,..., "
         "for list also name, csv and matrix, and for check also sarif and junit";
}

}  // namespace

void AddGlobalOptions(CLI::App& app, GlobalOptions& options) {
  EndpointOptions& endpoint = options.endpoint;
  CLI::Option* const address =
      app.add_option("--address", endpoint.address,
                     "capmond's socket, or HOST:PORT; else $CAPMON_ADDRESS, or " +
                         std::string(kDefaultAddress))
          ->take_last();
  app.add_option("--context", endpoint.context,
                 "A named address of ~/.config/capmon/config.yaml; else $CAPMON_CONTEXT")
      ->type_name("CONTEXT")
      ->excludes(address)
      ->take_last();
  app.add_option("--tls-ca", endpoint.tls.ca,
                 "With HOST:PORT: the authority of its certificate; else $CAPMON_TLS_CA")
      ->type_name("FILE")
      ->take_last();
  app.add_option("--tls-cert", endpoint.tls.certificate,
                 "With HOST:PORT: your certificate; else $CAPMON_TLS_CERT")
      ->type_name("FILE")
      ->take_last();
  app.add_option("--tls-key", endpoint.tls.key,
                 "With HOST:PORT: the key of your certificate; else $CAPMON_TLS_KEY")
      ->type_name("FILE")
      ->take_last();
  app.add_option("-o,--output-format", options.format,
                 "table, wide, json, jsonl, yaml, jsonpath=TEMPLATE or "
                 "custom-columns=TITLE:PATH,...; list also has name, csv and matrix, check has "
                 "sarif and junit")
      ->check(CLI::Validator(FaultOfFormat, Choices()))
      ->take_last()
      ->capture_default_str();
  app.add_flag("--no-headers", options.no_headers, "Omit column titles");
}

absl::StatusOr<OutputFormat> FormatOf(const CLI::App& app, const GlobalOptions& options) {
  const std::string name = FormatText(options.format);
  const std::string_view text = name;
  const bool path = text.starts_with(kJsonPath);
  if (path || text.starts_with(kCustomColumns)) {
    auto made = path ? JsonPathOutput(text.substr(kJsonPath.size()))
                     : CustomColumns(text.substr(kCustomColumns.size()), !options.no_headers);
    if (!made.ok()) return made.status();
    return OutputFormat(*std::move(made));
  }
  const Format format = kFormats.at(name);
  const bool for_list =
      format == Format::kMatrix || format == Format::kName || format == Format::kCsv;
  if (for_list && !app.got_subcommand("list"))
    return absl::InvalidArgumentError("only capmon list has -o " + name);
  const bool for_check = format == Format::kSarif || format == Format::kJunit;
  if (for_check && !app.got_subcommand("check"))
    return absl::InvalidArgumentError("only capmon check -f has -o sarif and -o junit");
  return OutputFormat(format);
}

}  // namespace capmon
