// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
//! Uses the crate `space` on memory of the host, and looks at what it does. Prints TAP.

use space::{sys, Error, Result, Space, Tables};
use std::collections::BTreeMap;
use std::mem::MaybeUninit;

const PAGE: u64 = 0x4000;
const VA: u64 = 0x1_2340_0000;
const PA: u64 = 0x8_0000_0000;
const ATTR: sys::gpuas_attr_t =
    (sys::GPUAS_GPU_READ | sys::GPUAS_GPU_WRITE | sys::GPUAS_FW_READ | sys::GPUAS_FW_WRITE
        | sys::GPUAS_MEM_SHARED) as sys::gpuas_attr_t;

/// Tables by PA; those PAs are invented.
#[derive(Default)]
struct Ram {
    tables: BTreeMap<u64, *mut sys::gpuas_table>,
    next: u64,
    left: u32,
    flushes: u32,
}

unsafe impl Tables for Ram {
    fn alloc(&mut self, size: usize) -> Result<*mut sys::gpuas_table> {
        if self.left == 0 {
            return Err(Error(-(sys::GPUAS_ENOMEM as i32)));
        }
        self.left -= 1;
        self.next += size as u64;
        let memory = vec![!0u64; size / 8].into_boxed_slice();
        let table = Box::into_raw(Box::new(sys::gpuas_table {
            ptr: Box::into_raw(memory) as *mut u64,
            pa: self.next,
            next: std::ptr::null_mut(),
            place: 0,
            live: 0,
            low: 0,
            end: 0,
            zero: false,
        }));
        self.tables.insert(self.next, table);
        Ok(table)
    }

    fn free(&mut self, table: *mut sys::gpuas_table, size: usize) {
        let table = unsafe { Box::from_raw(table) };
        self.tables.remove(&table.pa).expect("freed is what was allocated");
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(table.ptr, size / 8)) });
        self.left += 1;
    }

    fn record(&self, pa: u64) -> Option<*mut sys::gpuas_table> {
        self.tables.get(&pa).copied()
    }

    fn ptr(&self, pa: u64, _size: usize) -> Option<*mut u64> {
        self.tables.get(&pa).map(|table| unsafe { (**table).ptr })
    }

    fn flush(&mut self, _va: u64, _size: u64) {
        self.flushes += 1;
    }
}

fn result(good: bool, name: &str) {
    println!("{}ok - in Rust, {}", if good { "" } else { "not " }, name);
}

fn err(value: sys::gpuas_error) -> Result {
    Err(Error(-(value as i32)))
}

fn use_space(space: &mut Space<Ram>) {
    result(space.map(VA, PA, 3 * PAGE, ATTR) == Ok(()), "three pages are mapped");
    result(space.map(VA, PA, PAGE, ATTR) == err(sys::GPUAS_EEXIST), "and not twice");
    result(space.translate(VA + PAGE + 5) == Ok((PA + PAGE + 5, ATTR)), "a byte is translated");
    result(space.translate(VA - 1).is_err(), "the one before them is not");

    let mut pages = Vec::new();
    let mut tables = 0;
    let walked = space.walk(|step| {
        match step.kind {
            sys::GPUAS_PAGE => pages.push((step.va, step.pa, step.attr)),
            sys::GPUAS_TABLE => tables += 1,
            _ => return err(sys::GPUAS_EPROTO),
        }
        Ok(())
    });
    let want: Vec<_> = (0..3).map(|n| (VA + n * PAGE, PA + n * PAGE, ATTR)).collect();
    result(walked == Ok(()) && pages == want && tables == 2, "the walk meets them, and two tables");
    result(space.walk(|_| Err(Error(-99))) == Err(Error(-99)), "a visitor can end the walk");

    result(space.map(VA + (1 << 36), PA, PAGE, ATTR) == err(sys::GPUAS_ENOMEM),
        "the error of an allocation comes back");
    result(space.unmap(VA, 3 * PAGE) == Ok(()) && space.translate(VA).is_err(), "all is unmapped");
    result(space.map(VA, PA, PAGE, ATTR) == Ok(()), "and one page is left to the end");
}

fn main() {
    let geo = sys::gpuas_geometry {
        format: unsafe { &sys::gpuas_format_uat },
        va_bits: 39,
        pa_bits: 40,
        upper: false,
        blocks: false,
    };
    let window = sys::gpuas_range { va: 0, size: 1 << 39 };
    let mut ram = Ram { next: 0x9_0000_0000, left: 3, ..Ram::default() };
    let mut env = MaybeUninit::uninit();

    match Space::create(&geo, &window, &mut ram, &mut env) {
        Ok(mut space) => use_space(&mut space),
        Err(error) => result(false, &format!("a space is created ({})", error.0)),
    }
    result(ram.tables.is_empty() && ram.flushes > 0, "and is gone with the space");
}
