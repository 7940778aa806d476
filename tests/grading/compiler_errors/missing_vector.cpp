namespace gradus {

std::vector<double> two() { return {1, 2}; }

}  // namespace gradus
