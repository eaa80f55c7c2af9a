// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
//! A space for a driver in Rust: what bindgen makes of the headers, and a safe type over it. Needs
//! `core` and nothing else, so it goes into a kernel as it is.
//!
//! `gpuas_va_t` and `gpuas_pa_t` are `u64` here: the inline functions that C has for them are not
//! missed.
#![no_std]

/// The names of C's types, as Rust's kernel support and older versions of `core` lack some of them.
#[allow(non_camel_case_types)]
pub mod ctypes {
    pub type c_char = i8;
    pub type c_schar = i8;
    pub type c_uchar = u8;
    pub type c_short = i16;
    pub type c_ushort = u16;
    pub type c_int = i32;
    pub type c_uint = u32;
    pub type c_long = isize;
    pub type c_ulong = usize;
    pub type c_longlong = i64;
    pub type c_ulonglong = u64;
    pub use core::ffi::c_void;
}

/// The headers, as they are.
#[allow(non_camel_case_types, non_snake_case, non_upper_case_globals, dead_code, clippy::all)]
pub mod sys {
    include!(concat!(env!("OUT_DIR"), "/gpuas.rs"));
}

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use ctypes::{c_int, c_void};

/// A negative errno value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(pub c_int);

pub type Result<T = ()> = core::result::Result<T, Error>;

fn check(err: c_int) -> Result {
    if err == 0 {
        Ok(())
    } else {
        Err(Error(err))
    }
}

/// Where tables come from: the callbacks of `struct gpuas_env` that always have to be there.
///
/// # Safety
///
/// `ptr` answers with memory of that size that stays where it is for as long as the space lives, and
/// that nothing else of Rust's refers to. A record is in memory that only this side writes, zero but
/// for `ptr`, `pa` and `zero`, and stays where it is until `free` gets it back; `record` answers with
/// those of `alloc` only.
pub unsafe trait Tables {
    fn alloc(&mut self, size: usize) -> Result<*mut sys::gpuas_table>;
    fn free(&mut self, table: *mut sys::gpuas_table, size: usize);
    fn record(&self, pa: u64) -> Option<*mut sys::gpuas_table>;
    fn ptr(&self, pa: u64, size: usize) -> Option<*mut u64>;
    fn flush(&mut self, va: u64, size: u64);
}

// C calls one of these at a time, and only during a call that has the space borrowed.
unsafe extern "C" fn alloc<T: Tables>(
    ctx: *mut c_void,
    size: usize,
    table: *mut *mut sys::gpuas_table,
) -> c_int {
    match (*(ctx as *mut T)).alloc(size) {
        Ok(record) => {
            *table = record;
            0
        }
        Err(error) => error.0,
    }
}

unsafe extern "C" fn free<T: Tables>(
    ctx: *mut c_void,
    table: *mut sys::gpuas_table,
    size: usize,
) {
    (*(ctx as *mut T)).free(table, size)
}

unsafe extern "C" fn record<T: Tables>(ctx: *mut c_void, pa: u64) -> *mut sys::gpuas_table {
    (*(ctx as *mut T)).record(pa).unwrap_or(core::ptr::null_mut())
}

unsafe extern "C" fn ptr<T: Tables>(ctx: *mut c_void, pa: u64, size: usize) -> *mut u64 {
    (*(ctx as *mut T)).ptr(pa, size).unwrap_or(core::ptr::null_mut())
}

unsafe extern "C" fn flush<T: Tables>(ctx: *mut c_void, va: u64, size: u64) {
    (*(ctx as *mut T)).flush(va, size)
}

unsafe extern "C" fn visit<F>(ctx: *mut c_void, step: *const sys::gpuas_step) -> c_int
where
    F: FnMut(&sys::gpuas_step) -> Result,
{
    match (*(ctx as *mut F))(&*step) {
        Ok(()) => 0,
        Err(error) => error.0,
    }
}

/// A tree of its own. What is mapped in it goes when it goes.
pub struct Space<'a, T: Tables> {
    raw: sys::gpuas_space,
    tables: PhantomData<&'a mut T>,
}

impl<'a, T: Tables> Space<'a, T> {
    /// An empty tree with an owned root. `env` is memory for the callbacks, of any content, which
    /// has to stay where it is: the caller's, as nothing is allocated here.
    pub fn create(
        geo: &sys::gpuas_geometry,
        window: &sys::gpuas_range,
        tables: &'a mut T,
        env: &'a mut MaybeUninit<sys::gpuas_env>,
    ) -> Result<Self> {
        let mut raw = MaybeUninit::uninit();
        let env = env.write(sys::gpuas_env {
            ctx: tables as *mut T as *mut c_void,
            table_alloc: Some(alloc::<T>),
            table_free: Some(free::<T>),
            table_record: Some(record::<T>),
            table_ptr: Some(ptr::<T>),
            flush: Some(flush::<T>),
            clean: None,
            invalidate: None,
            map_flush: false,
            stall: None,
            resume: None,
        });

        // SAFETY: all four are valid, and the callbacks go with the type behind ctx.
        check(unsafe { sys::gpuas_space_create(raw.as_mut_ptr(), geo, window, env) })?;
        // SAFETY: it was filled, as there was no error. The handle may be moved between calls.
        Ok(Space { raw: unsafe { raw.assume_init() }, tables: PhantomData })
    }

    pub fn map(&mut self, va: u64, pa: u64, size: u64, attr: sys::gpuas_attr_t) -> Result {
        // SAFETY: numbers are judged by the library.
        check(unsafe { sys::gpuas_map(&mut self.raw, va, pa, size, attr) })
    }

    pub fn unmap(&mut self, va: u64, size: u64) -> Result {
        // SAFETY: as above.
        check(unsafe { sys::gpuas_unmap(&mut self.raw, va, size) })
    }

    /// PA and attributes of the byte at `va`.
    pub fn translate(&self, va: u64) -> Result<(u64, sys::gpuas_attr_t)> {
        let (mut pa, mut attr) = (0, 0);

        // SAFETY: reads only, and sets both if there is no error.
        check(unsafe { sys::gpuas_translate(&self.raw, va, &mut pa, &mut attr) })?;
        Ok((pa, attr))
    }

    /// Calls `visitor` for each entry that is not a hole; an error of its ends the walk.
    pub fn walk<F>(&self, mut visitor: F) -> Result
    where
        F: FnMut(&sys::gpuas_step) -> Result,
    {
        let ctx = &mut visitor as *mut F as *mut c_void;

        // SAFETY: the visitor is called during this call only, and goes with the type behind ctx.
        check(unsafe { sys::gpuas_visit_all(&self.raw, Some(visit::<F>), ctx) })
    }
}

impl<T: Tables> Drop for Space<'_, T> {
    fn drop(&mut self) {
        // SAFETY: nobody uses the handle afterwards.
        unsafe { sys::gpuas_space_release(&mut self.raw) }
    }
}
