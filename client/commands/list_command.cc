// SPDX-License-Identifier: Apache-2.0
#include "client/commands/list_command.h"

#include "client/commands/ask.h"
#include "client/commands/show.h"
#include "client/render/container_list.h"
#include "client/render/matrix.h"

namespace capmon {
namespace {

// `rows` as one line each.
template <typename Rows>
absl::Status PrintLines(const Rows& rows, Format format) {
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
  return Show(*response, settings,
              [&](std::ostream& out) { RenderWorkloads(out, *response, settings); });
}

}  // namespace

absl::Status List(const Settings& settings, const ListOptions& options,
                  const TerminalStyleOptions& style) {
  if (const absl::Status fault = CheckSelection(options.selection); !fault.ok()) return fault;
  if (!options.instances && settings.format != Format::kMatrix)
    return ListWorkloads(settings, options);
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
  return Show(*response, settings,
              [&](std::ostream& out) { RenderContainers(out, *response, settings); });
}

}  // namespace capmon
