#include "api/devices.h"

#include <filesystem>
#include <optional>

#include "api/annette.h"
#include "api/written_profile.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "base/version.h"
#include "calibrate/host.h"
#include "formats/onnx/onnx_reader.h"
#include "formats/onnx/tree_regressor.h"
#include "predictors/annette/import.h"
#include "regressors/forest_json.h"

namespace foretime::api {
namespace {

namespace fs = std::filesystem;

Forest read_forest(const std::string& path) {
  const auto file = MappedFile::open(path);
  if (!path.ends_with(".onnx")) return parse_forest_json(file->text(), path);
  Diagnostics ignored;
  return onnx::tree_regressor(onnx::read_onnx(file, ignored), path);
}

/// The export of a pickle: ANNETTE's paths begin at its folder of models, two above those of layer models.
Forest find_forest(const fs::path& folder, const std::string& est_model) {
  const fs::path pickle(est_model);
  for (const fs::path& place : {folder / pickle, folder / pickle.filename(), folder / ".." / ".." / pickle}) {
    for (const char* suffix : {".json", ".onnx"}) {
      const fs::path found = fs::path(place).replace_extension(suffix);
      std::error_code none;
      if (fs::is_regular_file(found, none)) return read_forest(found.string());
    }
  }
  const std::string json = (folder / pickle.filename()).replace_extension(".json").string();
  throw Error(est_model,
              "is a pickle, which is not read because reading one runs it; no export of it was found",
              "python3 python/foretime_export_forest.py " + pickle.filename().string() + " " + json +
                  ", or an ONNX file of its name");
}

/// "ncs2-mixed" of "models/ncs2-mixed.json".
std::string id_of(const std::string& path) {
  std::string id = fs::path(path).stem().string();
  if (!is_profile_id(id)) throw Error(path, "'" + id + "' is no id of a profile", "--name ID");
  return id;
}

DeviceProfile imported(const std::string& path, std::string_view text, const ImportRequest& request,
                       Diagnostics& diagnostics) {
  const fs::path folder = fs::path(path).parent_path();
  std::optional<RuleSet> mapping;
  if (!request.mapping.empty()) mapping = annette_mapping(request.mapping);
  const annette::LayerEntries model = annette::layer_entries_of_json(text, path);
  DeviceProfile profile = annette::profile_of(
      model, mapping ? &*mapping : nullptr, path,
      [&](const std::string& file) { return find_forest(folder, file); }, diagnostics);
  profile.id = request.name.empty() ? id_of(path) : request.name;
  profile.provenance = {
      "ANNETTE layer model " + model.name + ", " + fs::path(path).filename().string(), "unstated", today(),
      std::string(version()),
      "Imported: nothing here was measured by us. Rates count one operation for an element of a "
      "pooling window and true multiply-accumulates. The interval is assumed."};
  return profile;
}

}  // namespace

std::vector<ProfileEntry> list_devices() {
  return list_profiles();
}

DeviceProfile show_device(const std::string& id_or_path) {
  return id_or_path == kHostId ? host_profile() : load_profile(id_or_path);
}

ImportResult import_devices(const ImportRequest& request) {
  const bool one_place = !request.name.empty() || !request.profile_out.empty();
  if (request.files.size() > 1 && one_place)
    throw Error("import", std::to_string(request.files.size()) + " files for one name",
                "one file with --name or --profile-out");
  ImportResult result;
  std::vector<DeviceProfile> profiles;
  for (const std::string& path : request.files) {
    const auto file = MappedFile::open(path);
    if (annette::is_layer_model(file->text())) {
      profiles.push_back(imported(path, file->text(), request, result.diagnostics));
      continue;
    }
    if (!request.mapping.empty()) throw Error(path, "takes no mapping model", "a layer model of ANNETTE");
    profiles.push_back(parse_profile(file->text(), path));
    if (!request.name.empty()) profiles.back().id = request.name;
  }
  for (const DeviceProfile& profile : profiles)
    result.paths.push_back(write_profile(profile, request.profile_out));
  return result;
}

}  // namespace foretime::api
