//! Prints the API's description, for `web/openapi.json`.
#![allow(clippy::print_stdout)]

fn main() {
    print!("{}", server::openapi_json());
}
