// Changes the number type under the contract.
//
// chapter: 02
// place: before
// verdict: refused
// says: does not define
#define GRADUS_FLOAT
