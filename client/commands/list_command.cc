// SPDX-License-Identifier: Apache-2.0
#include "client/commands/list_command.h"

#include <ctime>

#include "client/commands/ask.h"
#include "client/commands/list_watch.h"
#include "client/commands/show.h"
#include "client/commands/since.h"
#include "client/render/container_list.h"
#include "client/render/matrix.h"

namespace capmon {
namespace {

// `rows` as one line each.
template <typename Rows>
absl::Status PrintLines(const Rows& rows, OutputFormat format) {
  std::string lines;
  for (const auto& row : rows) {
    const auto line = Serialize(row, format);
    if (!line.ok()) return line.status();
    lines += *line;
  }
  return Print(lines);
}

absl::Status ListWorkloads(const Settings& settings, const ListOptions& options) {
  v1::ListWorkloadsRequest request;
  request.set_include_ended(options.all);
  auto response = Ask(settings, &Daemon::Stub::ListWorkloads, request);
  if (!response.ok()) return response.status();
  Select(options.selection, *response);
  if (settings.format == Format::kJsonLines)
    return PrintLines(response->workloads(), settings.format);
  const ListLook look = {.name_spaces = options.all_namespaces};
  return Show(*response, settings,
              [&](std::ostream& out) { RenderWorkloads(out, *response, settings, look); });
}

absl::Status ListContainers(const Settings& settings, const ListOptions& options,
                            const TerminalStyleOptions& style) {
  v1::ListContainersRequest request;
  request.set_include_ended(options.all);
  auto response = Ask(settings, &Daemon::Stub::ListContainers, request);
  if (!response.ok()) return response.status();
  Select(options.selection, *response);
  if (settings.format == Format::kMatrix)
    return Show(*response, settings, [&](std::ostream& out) {
      RenderMatrix(out, MatrixOf(*response), TerminalStyleOf(style), settings.headers);
    });
  if (settings.format == Format::kJsonLines)
    return PrintLines(response->containers(), settings.format);
  const ListLook look = {.name_spaces = options.all_namespaces};
  return Show(*response, settings,
              [&](std::ostream& out) { RenderContainers(out, *response, settings, look); });
}

}  // namespace

absl::Status List(const Settings& settings, ListOptions options,
                  const TerminalStyleOptions& style) {
  if (const absl::Status fault = CheckSelection(options.selection); !fault.ok()) return fault;
  if (options.all_namespaces && !options.selection.name_space.empty())
    return absl::InvalidArgumentError("-A is all namespaces and -n one; give one of them");
  if (!options.since.empty()) {
    const auto since = ParseSince(options.since, std::time(nullptr));
    if (!since.ok()) return since.status();
    options.selection.since = *since;
  }
  options.selection.sandboxes = options.all;
  const bool matrix = settings.format == Format::kMatrix;
  if (options.watch && matrix)
    return absl::InvalidArgumentError("-w prints rows; for a live matrix see capmon top");
  if (options.watch) return WatchList(settings, options);
  return options.instances || matrix ? ListContainers(settings, options, style)
                                     : ListWorkloads(settings, options);
}

}  // namespace capmon
