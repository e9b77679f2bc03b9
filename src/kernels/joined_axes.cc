#include "kernels/joined_axes.h"

#include <algorithm>

#include "base/checked.h"

namespace foretime {

std::vector<JoinedAxis> joined_axes(std::span<const std::int64_t> perm, const Shape& in) {
  std::vector<std::int64_t> places(in.size(), -1);
  std::int64_t count = 0;
  for (std::size_t axis = 0; axis < in.size(); ++axis) {
    if (in[axis].upper() != 1) places[axis] = count++;
  }
  std::vector<JoinedAxis> joined;
  std::int64_t before = -2;
  for (const std::int64_t axis : perm) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(in.size())) return {};
    const std::int64_t place = places[static_cast<std::size_t>(axis)];
    if (place < 0) continue;
    const std::int64_t size = in[static_cast<std::size_t>(axis)].upper();
    if (place == before + 1) {
      joined.back().size = saturating_mul(joined.back().size, size);
    } else {
      joined.push_back({place, size});
    }
    before = place;
  }
  std::vector<std::int64_t> begins;
  for (const JoinedAxis& axis : joined) begins.push_back(axis.place);
  std::sort(begins.begin(), begins.end());
  for (JoinedAxis& axis : joined)
    axis.place = std::lower_bound(begins.begin(), begins.end(), axis.place) - begins.begin();
  return joined;
}

}  // namespace foretime
