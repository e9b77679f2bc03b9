#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/mapped_file.h"
#include "graph/tensor.h"

namespace foretime::onnx {

/// The files a model keeps weights in beside itself: mapped once each, when a tensor first names them.
class ExternalFiles {
 public:
  explicit ExternalFiles(const std::string& model_path);
  /// Error: the file does not exist, or its path leaves the model's folder.
  std::shared_ptr<const MappedFile> open(std::string_view location, const std::string& where);

 private:
  std::string folder_;
  std::map<std::string, std::shared_ptr<const MappedFile>, std::less<>> files_;
};

/// A TensorProto taken apart: everything but its values, which are located.
struct ParsedTensor {
  std::string name;
  TensorType type;
  ConstantData data;
};

/// `bytes` is the message, inside `file`. Error: sizes that no tensor has, or data that do not fit the shape.
ParsedTensor parse_tensor(std::string_view bytes, const std::shared_ptr<const MappedFile>& file,
                          ExternalFiles& external);

/// A SparseTensorProto: the type is that of the dense tensor, the values are not followed.
ParsedTensor parse_sparse_tensor(std::string_view bytes, const std::shared_ptr<const MappedFile>& file,
                                 ExternalFiles& external);

}  // namespace foretime::onnx
