// The one number type of the chapters.
//
// double for learning and for gradient checks; float where training speed counts. A target that
// wants float defines GRADUS_FLOAT and links the float libraries; no chapter file changes.
#pragma once

namespace gradus {

#ifdef GRADUS_FLOAT
using Scalar = float;
#else
using Scalar = double;
#endif

}  // namespace gradus
